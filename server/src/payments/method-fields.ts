import {
  type Amount,
  AppError,
  amount,
  formatAmount,
  type PaymentMethodId,
  parseAmount,
} from '../base/index.ts';
import { constraintName, type Json } from '../db/index.ts';
import { type BonusTier, priceDeposit } from './rules.ts';

/** What staff set of a method. Amounts in units of 10⁻⁸ of the panel's currency. */
export type MethodFields = {
  name: string;
  instructions: string;
  instructionsZh: string;
  enabled: boolean;
  min: Amount;
  max: Amount;
  /** Hundredths of a percent, 0 to 9999. */
  feeBasisPoints: number;
  feeFixed: Amount;
  bonusTiers: readonly BonusTier[];
};

/**
 * Secrets by name: `secretKey` and `webhookSecret` of Stripe, `secret` and `payUrl` of a webhook
 * gateway. An empty text takes one away.
 */
export type MethodSecrets = Readonly<Record<string, string>>;

const nameMax = 100;
const instructionsMax = 5_000;
const feeBasisPointsMax = 9_999;
const bonusBasisPointsMax = 10_000;
const tiersMax = 10;
/** 10 million of the currency: no payment comes near what a wallet can hold. */
const amountMax = amount(10_000_000n * 100_000_000n);
const secretMax = 500;

/**
 * Trims what was entered and refuses what no method can have.
 * @throws AppError `invalid_input`
 */
export function cleanFields(fields: MethodFields): MethodFields {
  const name = fields.name.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (name === '' || name.length > nameMax || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new AppError('invalid_input', `a method's name has 1 to ${nameMax} letters`);
  }
  const instructions = fields.instructions.trim();
  const instructionsZh = fields.instructionsZh.trim();
  if (Math.max(instructions.length, instructionsZh.length) > instructionsMax) {
    throw new AppError('invalid_input', `instructions have at most ${instructionsMax} letters`);
  }
  const { min, max } = fields;
  if (min <= 0n || max < min || max > amountMax) {
    throw new AppError(
      'invalid_input',
      `a method's least amount is above 0, its largest not below that and at most ` +
        formatAmount(amountMax),
    );
  }
  checkWhole(fields.feeBasisPoints, { name: 'a fee', max: feeBasisPointsMax });
  if (fields.feeFixed < 0n) throw new AppError('invalid_input', 'a fee is 0 or more');
  const bonusTiers = cleanTiers(fields.bonusTiers);
  // What is left grows with the amount, so the least one says it for all.
  if (priceDeposit(min, { ...fields, bonusTiers }) === undefined) {
    throw new AppError('invalid_input', 'the fee leaves nothing of the least amount');
  }
  return { ...fields, name, instructions, instructionsZh, bonusTiers };
}

function cleanTiers(tiers: readonly BonusTier[]): BonusTier[] {
  if (tiers.length > tiersMax) {
    throw new AppError('invalid_input', `a method has at most ${tiersMax} bonuses`);
  }
  for (const { from, basisPoints } of tiers) {
    checkWhole(basisPoints, { name: 'a bonus', max: bonusBasisPointsMax });
    if (from < 0n) throw new AppError('invalid_input', 'a bonus begins at 0 or more');
  }
  const sorted = tiers.toSorted((one, other) => (one.from < other.from ? -1 : 1));
  if (new Set(sorted.map(({ from }) => from)).size < sorted.length) {
    throw new AppError('invalid_input', 'two bonuses begin at the same amount');
  }
  return sorted;
}

function checkWhole(value: number, bound: { name: string; max: number }): void {
  if (Number.isInteger(value) && value >= 0 && value <= bound.max) return;
  const percent = `${Math.floor(bound.max / 100)}`;
  throw new AppError('invalid_input', `${bound.name} is 0 to ${percent} percent, in hundredths`);
}

/**
 * Secrets as they will be: those before, with the new ones in their place and the emptied ones
 * gone.
 * @throws AppError `invalid_input` for one that this kind has no use for, or that can't be one;
 *   never with a secret in it
 */
export function mergeSecrets(
  before: MethodSecrets,
  given: MethodSecrets,
  names: readonly string[],
): MethodSecrets {
  const merged = new Map(Object.entries(before));
  for (const [name, text] of Object.entries(given)) {
    if (!names.includes(name)) {
      throw new AppError('invalid_input', `this kind of method has no "${name}"`, { detail: name });
    }
    const value = text.trim();
    if (value === '') merged.delete(name);
    else merged.set(name, cleanSecret(name, value));
  }
  return Object.fromEntries(merged);
}

function cleanSecret(name: string, value: string): string {
  const isWord = value.length <= secretMax && /^[\x21-\x7e]+$/.test(value);
  if (!isWord) {
    throw new AppError('invalid_input', `${name} is one word of at most ${secretMax} letters`, {
      detail: name,
    });
  }
  return name === 'payUrl' ? cleanPayUrl(value) : value;
}

function cleanPayUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === '' && url.password === '' && url.hash === '';
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isPlain) {
    throw new AppError('invalid_input', 'payUrl is an address like https://pay.example/start', {
      detail: 'payUrl',
    });
  }
  return url.href;
}

/** Fields as an audit row has them: amounts as text, of secrets only which are new. */
export function auditFields(fields: Partial<MethodFields>, secrets: MethodSecrets = {}): Json {
  const { min, max, feeFixed, bonusTiers, ...rest } = fields;
  const amounts = { min, max, feeFixed };
  const texts = Object.entries(amounts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, formatAmount(value)]],
  );
  const names = Object.keys(secrets);
  return {
    ...rest,
    ...Object.fromEntries(texts),
    ...(bonusTiers === undefined ? {} : { bonusTiers: writeTiers(bonusTiers).tiers }),
    ...(names.length === 0 ? {} : { secrets: names.map((name) => `${name}: new`) }),
  };
}

/** The columns of a method's fields. */
export function columnsOf(fields: MethodFields) {
  return {
    name: fields.name,
    instructions: fields.instructions,
    instructions_zh: fields.instructionsZh,
    enabled: fields.enabled,
    amount_min: fields.min,
    amount_max: fields.max,
    fee_basis_points: fields.feeBasisPoints,
    fee_fixed: fields.feeFixed,
    bonus_tiers: writeTiers(fields.bonusTiers),
  };
}

/** Bonuses as their column has them. */
function writeTiers(tiers: readonly BonusTier[]): {
  tiers: { from: string; basisPoints: number }[];
} {
  return {
    tiers: tiers.map(({ from, basisPoints }) => ({ from: formatAmount(from), basisPoints })),
  };
}

/** Reads what `columnsOf` wrote. */
export function readTiers(column: Json): BonusTier[] {
  const { tiers } = column as ReturnType<typeof writeTiers>; // nobody else writes it
  return tiers.map(({ from, basisPoints }) => ({ from: parseAmount(from, 'from'), basisPoints }));
}

/**
 * Runs the statement that writes a method's name.
 * @throws AppError `conflict` when another method has it
 */
export async function refusingTakenName(
  name: string,
  write: () => Promise<PaymentMethodId>,
): Promise<PaymentMethodId> {
  try {
    return await write();
  } catch (cause) {
    if (constraintName(cause) !== 'payment_methods_name_key') throw cause;
    throw new AppError('conflict', `there is a payment method "${name}" already`, { cause });
  }
}
