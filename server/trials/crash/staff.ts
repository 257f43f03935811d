import { join } from 'node:path';
import { sql } from 'kysely';
import { type Amount, type CustomerId, formatAmount, parseAmount } from '../../src/base/index.ts';
import { reportPaid, startPayment } from '../../src/payments/index.ts';
import { readRetention, updatePolicy } from '../../src/retention/index.ts';
import { place } from '../../tests/concurrency/peers.ts';
import { until } from '../../tests/delivery/processes.ts';
import { makeCustomer, staff } from '../../tests/factories.ts';
import { startFakeStripe } from '../../tests/payments/fake-stripe.ts';
import { makeMethod } from '../../tests/payments/steps.ts';
import { commandAmount, type StaffCommand } from './commands.ts';
import type { Scene } from './crash.ts';
import type { Kill } from './figures.ts';
import type { Strike } from './plan.ts';
import { runStaffCommand } from './processes.ts';
import type { Stage } from './stage.ts';

/** A command about a customer of its own, and what it leaves in the wallet: once, however often. */
type Prepared = { command: StaffCommand; customerId: CustomerId; balance: Amount };

const funds = parseAmount('10', 'funds');
const nothing = parseAmount('0', 'funds');
let counter = 0;

/** Kills a command of staff at a point, gives it again, and looks that it counted once. */
export async function strikeCommand({ stage }: Scene, next: Strike): Promise<Kill> {
  const { point } = next;
  if (point === undefined) throw new Error('a command is killed at a point');
  const stripe = await startFakeStripe();
  try {
    const { command, customerId, balance } = await prepare(stage, point, stripe.url);
    const ended = await runStaffCommand(stage, command, `${point}=kill@1`);
    if (ended !== 'killed') throw new Error(`${command.kind} does not come by ${point}`);
    const killedMs = performance.now();
    await runStaffCommand(stage, command);
    const recoveryMs = Math.round(performance.now() - killedMs);
    const found = await stage.app.balanceReader.submit(customerId);
    if (found !== balance) {
      const [is, should] = [found, balance].map(formatAmount);
      throw new Error(`${command.kind}, killed at ${point}, left ${is} for ${should}`);
    }
    return { kind: 'command', at: point, recoveryMs };
  } finally {
    await stripe.stop();
  }
}

async function prepare(stage: Stage, point: string, stripeApi: string): Promise<Prepared> {
  counter += 1;
  const { app } = stage;
  const { customerId } = await makeCustomer({ app }, { funds: '0' });
  const actor = { kind: 'customer' as const, customerId, keyId: null };
  const returnUrl = 'https://panel.example/funds';
  switch (point) {
    case 'deposit.before_commit':
    case 'deposit.after_commit':
    case 'adjust.before_commit': {
      const kind = point === 'adjust.before_commit' ? 'adjust' : 'deposit';
      const command: StaffCommand = { kind, customerId, reference: `crash-${counter}` };
      return { command, customerId, balance: commandAmount };
    }
    case 'decide.before_commit':
      return prepareDecision(stage);
    case 'payment.before_commit': {
      const methodId = await makeMethod({ app }, { kind: 'manual', name: `Cash ${counter}` });
      const asked = { methodId, amount: commandAmount, returnUrl };
      const { paymentId } = await startPayment(app, actor, asked);
      await reportPaid(app, actor, { paymentId });
      const command: StaffCommand = { kind: 'confirm', payment: String(paymentId) };
      return { command, customerId, balance: commandAmount };
    }
    case 'payment.after_session': {
      const methodId = await makeMethod({ app }, { kind: 'stripe', name: `Card ${counter}` });
      const command: StaffCommand = { kind: 'pay', customerId, methodId, stripeApi };
      return { command, customerId, balance: nothing };
    }
    case 'retention.after_export':
    case 'retention.before_commit':
      return { command: await prepareRetention(stage), customerId, balance: nothing };
    default:
      throw new Error(`no command comes by ${point}`);
  }
}

/** The next month of calls is due by a clock that is ahead; what calls there are belong to it. */
async function prepareRetention({ app, databaseUrl, dataDir }: Stage): Promise<StaffCommand> {
  await updatePolicy(app, staff, { callsMonths: 1 });
  const { months } = await readRetention(app.db, app.clock.now());
  const next = months.find(({ history }) => history === 'provider_calls');
  if (next === undefined) throw new Error('there is no month of calls');
  const at = new Date(next.until);
  at.setUTCMonth(at.getUTCMonth() + 1);
  const dir = join(dataDir, 'archive');
  return { kind: 'retain', databaseUrl, dir, at: at.toISOString() };
}

/** An order that its upstream refuses waits for staff, who refund it. */
async function prepareDecision({ app, upstream, plain, read }: Stage): Promise<Prepared> {
  const { customerId } = await makeCustomer({ app }, { funds: '10' });
  const link = `https://crash.example/refused/${counter}`;
  await upstream.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add', link } });
  const order = await place(app, customerId, { service: plain, link, quantity: 100 });
  await until('the order waits for staff', async () => {
    const rows = await read(sql`
      select from deliveries where order_id = ${order} and state = 'held'`);
    return rows.length === 1;
  });
  return { command: { kind: 'decide', order: String(order) }, customerId, balance: funds };
}
