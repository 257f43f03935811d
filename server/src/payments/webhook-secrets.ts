import type { PaymentMethodId } from '../base/index.ts';
import type { PaymentsCtx } from './gateways.ts';
import { type MethodKind, readMethods } from './method.ts';
import type { MethodSecrets } from './method-fields.ts';

/**
 * The secrets of a method that webhooks are sent for, also of one that is not enabled any more: its
 * payments go on. Undefined when there is none of this kind.
 * @throws AppError `not_allowed`, `conflict` when its secrets can't be opened
 */
export async function readMethodSecrets(
  ctx: PaymentsCtx,
  input: { methodId: PaymentMethodId; kind: MethodKind },
): Promise<MethodSecrets | undefined> {
  const [method] = await readMethods(ctx.db, [input.methodId]);
  return method?.kind === input.kind ? ctx.gateways.open(method) : undefined;
}
