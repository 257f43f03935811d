import { sql } from 'kysely';
import { judgeBackup, readLastBackup } from '../backup/index.ts';
import type { Db } from '../db/index.ts';
import { judgeDispatch, readDispatchState } from '../fulfilment/index.ts';

/** What an operator has to see to. Name and subject say which; the rest is for reading. */
export type Condition = { name: string; subject: string; detail: string };

/** A task that fails once is tried again; this often in a row it will not mend itself. */
const failuresMin = 5;
/** A mistake that breaks many books at once is told of this many customers, the first ones. */
const stopsMax = 20;
/** These are told one by one. */
const toldApart = ['providers', 'books'];

/** Reads from the database what is not as it should be now. */
export async function readConditions(db: Db, now: Date): Promise<Condition[]> {
  const state = await readDispatchState(db, now);
  const backup = judgeBackup(await readLastBackup(db), now);
  const checks = [...judgeDispatch(state, now), backup];
  const red = checks.filter(({ ok, name }) => !ok && !toldApart.includes(name));
  const found = await sql<Condition>`
    select case paused_by when 'funds' then 'provider_out_of_funds' else 'provider_key_refused' end
        as name, name as subject, '' as detail
    from providers where paused_by in ('funds', 'key')
    union all
    select 'provider_low_balance', name, 'the balance is at or below its low mark'
    from providers
    where balance <= balance_low_mark and state <> 'paused' and paused_by is distinct from 'funds'
    union all
    (select 'books', 'customer:' || customer_id,
      'their money is stopped: ' || coalesce(broken #>> '{list,0,check}', 'by hand')
    from money_stops where lifted_at is null
    order by stopped_at, customer_id limit ${stopsMax}::int)
    union all
    select 'task_failing', name, failure from worker_tasks where failures >= ${failuresMin}
    order by 1, 2`.execute(db);
  return [...red.map(({ name, detail }) => ({ name, subject: '', detail })), ...found.rows];
}
