import type { CustomerId, KeyId, StaffId } from './ids.ts';

/** The parts of the panel that staff may be let into, one by one. */
export const staffAreas = [
  'orders',
  'services',
  'providers',
  'customers',
  'payments',
  'staff',
  'settings',
  'audit',
  'system',
] as const;
export type StaffArea = (typeof staffAreas)[number];

/** Who a member of staff is, and what they may do. */
export type StaffAccess = { staffId: StaffId; areas: ReadonlySet<StaffArea> };

/** Who does something; it ends in the audit row or the event of every change. */
export type Actor =
  | {
      kind: 'customer';
      customerId: CustomerId;
      keyId: KeyId | null;
      /** The member of staff who acts as this customer. */
      actingStaff?: string;
    }
  /** `full`: whoever runs commands on the machine itself may do everything. */
  | { kind: 'staff'; name: string; access: StaffAccess | 'full' }
  | { kind: 'system'; name: string };

/** How an actor is written into audit rows and events: `staff:cli`, `customer:7 by staff:ann`. */
export function formatActor(actor: Actor): string {
  if (actor.kind !== 'customer') return `${actor.kind}:${actor.name}`;
  const acting = actor.actingStaff === undefined ? '' : ` by staff:${actor.actingStaff}`;
  return `customer:${actor.customerId}${acting}`;
}
