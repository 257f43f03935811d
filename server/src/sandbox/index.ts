/**
 * A small upstream panel that speaks the panel API v2 in full: for the demo, and as the witness of
 * tests. It shares no code with the product's orders, so that one mistake cannot be made on both
 * sides.
 * Invariants: what it accepts is in its journal before the reply leaves; its state is what the
 * journal and the time lead to, and nothing else, so a restart changes no answer.
 */
export { type CatalogName, catalogNames } from './catalogs.ts';
export type { ControlCommand } from './control.ts';
export type { Call, Fault, FaultDecision, RowFault, ScriptedFault } from './faults.ts';
export type { FieldsInput } from './fields.ts';
export {
  type AddEntry,
  addsOf,
  countAdds,
  type JournalEntry,
  type PlanTarget,
  readJournal,
} from './journal.ts';
export type { Pace, Plan } from './plans.ts';
export type { Reply, Wire } from './replies.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export { type ServedSandbox, type ServeOptions, serveSandbox } from './serve.ts';
export type { SandboxService, SandboxServiceType } from './service-types.ts';
export { sandboxServices } from './services.ts';
