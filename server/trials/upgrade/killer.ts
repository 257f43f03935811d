import { openOwner } from './versions.ts';

/**
 * Counts the boundaries of statements that change the schema, in a schema of its own, and ends the
 * session that reaches a given one: before the statement, or after it and before the next. Rows are
 * changed between two such statements, so each boundary of a migration is one of these. What was
 * counted stays counted when a transaction is rolled back, so each is reached once.
 */
const installing = `
  create schema trial;
  create sequence trial.steps;
  create table trial.plan (at bigint not null);
  create function trial.step() returns event_trigger language plpgsql as $$
  begin
    if nextval('trial.steps') = (select at from trial.plan) then
      perform pg_terminate_backend(pg_backend_pid());
      perform pg_sleep(1);
    end if;
  end $$;
  create event trigger trial_before on ddl_command_start execute function trial.step();
  create event trigger trial_after on ddl_command_end execute function trial.step();`;

/** Has the session die that reaches this step; 0: none, they are only counted. */
export async function installKiller(url: string, at: number): Promise<void> {
  const owner = openOwner(url);
  try {
    await owner.sql.unsafe(installing).simple();
    await owner.sql.unsafe(`insert into trial.plan values (${at})`);
    await owner.sql`select setval('trial.steps', 1, false)`;
  } finally {
    await owner.close();
  }
}

/** Takes it out again. @returns how many steps were counted */
export async function removeKiller(url: string): Promise<number> {
  const owner = openOwner(url);
  try {
    const [row] = await owner.sql<{ steps: bigint }[]>`
      select case when is_called then last_value else 0 end as steps from trial.steps`;
    await owner.sql
      .unsafe(`
        drop event trigger trial_before; drop event trigger trial_after;
        drop schema trial cascade`)
      .simple();
    return Number(row?.steps ?? 0n);
  } finally {
    await owner.close();
  }
}
