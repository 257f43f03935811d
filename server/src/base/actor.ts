import type { CustomerId, KeyId } from './ids.ts';

/** Who does something; it ends in the audit row or the event of every change. */
export type Actor =
  | { kind: 'customer'; customerId: CustomerId; keyId: KeyId | null }
  | { kind: 'staff'; name: string }
  | { kind: 'system'; name: string };

/** How an actor is written into audit rows and events: `staff:cli`, `customer:7`. */
export function formatActor(actor: Actor): string {
  return `${actor.kind}:${actor.kind === 'customer' ? actor.customerId : actor.name}`;
}
