import { type Amount, AppError, type PaymentMethodId, showAmount } from '../base/index.ts';
import { type Db, type Json, rowLock, type Schema, type Tx } from '../db/index.ts';
import { readTiers } from './method-fields.ts';
import type { PaymentTerms } from './rules.ts';

export type MethodKind = Schema['payment_methods']['kind'];

/** A way to pay, as it is stored. Amounts in units of 10⁻⁸ of the panel's currency. */
export type Method = PaymentTerms & {
  id: PaymentMethodId;
  kind: MethodKind;
  name: string;
  /** What a customer reads who pays by hand; `{payment}` and `{amount}` stand for the payment's. */
  instructions: string;
  /** The same in Chinese. Where one of the two is empty, the other is read by everybody. */
  instructionsZh: string;
  enabled: boolean;
  position: number;
  min: Amount;
  max: Amount;
  /** Which secrets are stored; themselves they are shown to nobody again. */
  secrets: string[];
  secretsSealed: Uint8Array | null;
};

/** A method as customers see it. */
export type OfferedMethod = Omit<
  Method,
  'enabled' | 'position' | 'secrets' | 'secretsSealed' | 'instructions' | 'instructionsZh'
>;

/** The secrets without which a method can't work. */
export const neededSecrets: Readonly<Record<MethodKind, readonly string[]>> = {
  manual: [],
  stripe: ['secretKey', 'webhookSecret'],
  webhook: ['secret', 'payUrl'],
};

/** All methods in the operator's order, without their secrets, for staff. */
export async function listMethods(db: Db): Promise<Omit<Method, 'secretsSealed'>[]> {
  const rows = await selectMethods(db).orderBy('position').orderBy('id').execute();
  return rows.map((row) => {
    const { secretsSealed: _, ...method } = methodOf(row);
    return method;
  });
}

/** What customers can pay by: methods that are enabled and have all they need. */
export async function listOffered(db: Db): Promise<OfferedMethod[]> {
  const methods = await listMethods(db);
  return methods.filter(isOffered).map(({ enabled: _, position: __, secrets: ___, ...method }) => {
    const { instructions: ____, instructionsZh: _____, ...offered } = method;
    return offered;
  });
}

/** Whether customers can pay by a method. */
export function isOffered(
  method: Pick<Method, 'enabled' | 'kind' | 'secrets' | 'instructions' | 'instructionsZh'>,
): boolean {
  return method.enabled && missingOf(method).length === 0;
}

/** What a method still needs before it can be offered: secrets by name, or `instructions`. */
export function missingOf(
  method: Pick<Method, 'kind' | 'secrets' | 'instructions' | 'instructionsZh'>,
): string[] {
  const { kind, secrets, instructions, instructionsZh } = method;
  const missing = neededSecrets[kind].filter((name) => !secrets.includes(name));
  const isSilent = kind === 'manual' && instructions === '' && instructionsZh === '';
  return isSilent ? [...missing, 'instructions'] : missing;
}

/** The methods of these numbers, with their sealed secrets; an unknown one is missing. */
export async function readMethods(db: Db, ids: readonly PaymentMethodId[]): Promise<Method[]> {
  if (ids.length === 0) return [];
  const rows = await selectMethods(db)
    .where('id', 'in', [...ids])
    .execute();
  return rows.map(methodOf);
}

/** A method with its sealed secrets. @throws AppError `not_found` */
export async function readMethod(db: Db, id: PaymentMethodId): Promise<Method> {
  const [method] = await readMethods(db, [id]);
  if (method === undefined) throw new AppError('not_found', `no payment method ${id}`);
  return method;
}

/**
 * Locks a method until the transaction ends. Reports of one gateway so take turns: of two that
 * name the same charge, the second sees what the first did. New payments don't wait for it.
 * @throws AppError `not_found`
 */
export async function lockMethod(tx: Tx, id: PaymentMethodId): Promise<Method> {
  const row = await selectMethods(tx)
    .where('id', '=', id)
    .modifyEnd(await rowLock(tx, ['payment_methods', id]))
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment method ${id}`);
  return methodOf(row);
}

/** The instructions of a method for one payment, in its customer's language if they are there. */
export function fillInstructions(
  method: Pick<Method, 'instructions' | 'instructionsZh'>,
  payment: { id: bigint; amount: Amount; currency: string; language: 'en' | 'zh-CN' },
): string {
  const { instructions: en, instructionsZh: zh } = method;
  const [own, other] = payment.language === 'zh-CN' ? [zh, en] : [en, zh];
  return (own === '' ? other : own)
    .replaceAll('{payment}', String(payment.id))
    .replaceAll('{amount}', showAmount(payment.amount, payment.currency));
}

/** The one place that says which column is which field. */
function selectMethods(db: Db) {
  return db
    .selectFrom('payment_methods')
    .select(['id', 'kind', 'name', 'instructions', 'instructions_zh as instructionsZh'])
    .select(['enabled', 'position'])
    .select(['amount_min as min', 'amount_max as max', 'fee_basis_points as feeBasisPoints'])
    .select(['fee_fixed as feeFixed', 'bonus_tiers', 'secrets', 'secrets_sealed as secretsSealed']);
}

function methodOf({ bonus_tiers, ...row }: Omit<Method, 'bonusTiers'> & { bonus_tiers: Json }) {
  return { ...row, bonusTiers: readTiers(bonus_tiers) };
}
