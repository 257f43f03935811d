import type { CatalogName } from './catalogs.ts';
import type { ScriptedFault } from './faults.ts';
import type { PlanTarget } from './journal.ts';
import type { Plan } from './plans.ts';
import type { Sandbox } from './sandbox.ts';
import type { HeldReplies } from './send.ts';
import type { SandboxService } from './service-types.ts';

/** What a test tells a sandbox in another process; the body of `POST /control`. */
export type ControlCommand =
  | { op: 'script'; faults: readonly ScriptedFault[] }
  | { op: 'clear_faults' }
  | { op: 'plan'; target: PlanTarget; plan: Plan }
  | { op: 'announce'; order: number; link: string }
  | { op: 'balance'; balance: string }
  | { op: 'services'; services: readonly SandboxService[] }
  | { op: 'catalog'; name: CatalogName | null }
  | { op: 'journal' }
  | { op: 'calls' }
  | { op: 'held' }
  | { op: 'until_held'; count: number }
  | { op: 'release'; how?: 'as_made' | 'reset'; place?: number }
  /** Stops the clock at a time; null lets it go on as the system's. */
  | { op: 'now'; at: string | null };

type Controlled = {
  sandbox: Sandbox;
  held: HeldReplies;
  setNow: ((now: Date | undefined) => void) | undefined;
};

/** Does what a command says; answers what it asks for. @throws Error for an unknown command */
export async function runControl(controlled: Controlled, body: string): Promise<unknown> {
  const { sandbox, held, setNow } = controlled;
  // It comes from our own tests, which have the type; a wrong one only breaks the test.
  const command = JSON.parse(body) as ControlCommand;
  switch (command.op) {
    case 'script':
      return sandbox.script(...command.faults);
    case 'clear_faults':
      return sandbox.clearFaults();
    case 'plan':
      return sandbox.plan(command.target, command.plan);
    case 'announce':
      return sandbox.announce(command.order, command.link);
    case 'balance':
      return sandbox.setBalance(command.balance);
    case 'services':
      return sandbox.setServices(command.services);
    case 'catalog':
      return sandbox.serveCatalog(command.name ?? undefined);
    case 'journal':
      return sandbox.journal();
    case 'calls':
      return sandbox.calls();
    case 'held':
      return held.held();
    case 'until_held':
      return held.untilHeld(command.count);
    case 'release':
      return held.release(command.how, command.place);
    case 'now':
      if (setNow === undefined) throw new Error('the clock of this sandbox cannot be moved');
      return setNow(command.at === null ? undefined : new Date(command.at));
    default:
      throw new Error('unknown command');
  }
}
