import { formatUnits, parseDecimal } from '../../money.ts';

type Charged = { charge: string; refunded: string };

/** What is left of a charge, as a decimal. */
export function restOf({ charge, refunded }: Charged): string {
  return formatUnits(units(charge) - units(refunded));
}

/** The sum of decimals. */
export function sumOf(amounts: readonly string[]): string {
  return formatUnits(amounts.reduce((sum, amount) => sum + units(amount), 0n));
}

/** One decimal less another. */
export function differenceOf(amount: string, less: string): string {
  return formatUnits(units(amount) - units(less));
}

type Settled = Charged & { quantity: number; remains: number };
type Report = { status: string; remains: number | undefined };

/**
 * What a report moves to the customer, by the rule the server settles by: above 0 is given back,
 * below 0 taken back.
 */
export function movedBy(order: Settled, report: Report): bigint {
  return refundOf(order, report) - units(order.refunded);
}

function refundOf(order: Settled, { status, remains = order.remains }: Report): bigint {
  const charge = units(order.charge);
  if (status === 'Canceled') return charge;
  if (status !== 'Partial' || order.quantity === 0) return 0n;
  return (charge / BigInt(order.quantity)) * BigInt(remains);
}

function units(amount: string): bigint {
  return parseDecimal(amount) ?? 0n;
}
