import { AppError, minuteMs } from '../base/index.ts';
import { type Ctx, inTransaction } from '../db/index.ts';
import type { Proof } from './better-auth.ts';
import type { SignedIn } from './signed-in.ts';

/** What the one who is signed in gives to show once more who they are. */
export type Confirming = { password?: string | undefined; code?: string | undefined };

/** How long a sign-in, or a confirmation, is enough for what moves money. */
const provenForMs = 10 * minuteMs;
/** Wrong answers in a row that end the session. */
const failuresMax = 5;

/** What is said to whoever has to. */
export const confirmFirst = 'say first who you are: by POST /api/account/confirm';

/** Whether the last sign-in or confirmation is at most 10 minutes ago. */
export function isProven({ clock }: Pick<Ctx, 'clock'>, { provenAt }: SignedIn): boolean {
  return clock.now().getTime() - provenAt.getTime() <= provenForMs;
}

/**
 * Lets nobody pass whose last sign-in or confirmation is more than 10 minutes ago: a session that
 * was left open, or stolen, moves no money.
 * @throws AppError `confirm_first`; its detail is what is asked for, `password` or `code`
 */
export function requireProven(ctx: Pick<Ctx, 'clock'>, signedIn: SignedIn): void {
  if (isProven(ctx, signedIn)) return;
  throw new AppError('confirm_first', confirmFirst, { detail: proofOf(signedIn) });
}

/** Whoever has a second factor shows that; the password alone is not enough for them. */
export function proofOf({ user }: SignedIn): 'password' | 'code' {
  return user.twoFactor ? 'code' : 'password';
}

/**
 * Takes the password, or the code of the second factor where there is one, as a fresh sign-in of
 * this session. Five wrong answers in a row end the session.
 * @throws AppError `invalid_input` when it is wrong or missing; its detail is what is asked for;
 *   `not_signed_in` when that ended the session
 */
export async function confirm(
  ctx: Ctx,
  input: { signedIn: SignedIn; given: Confirming; prove: (proof: Proof) => Promise<boolean> },
): Promise<void> {
  const { signedIn, given } = input;
  const detail = proofOf(signedIn);
  const value = given[detail];
  if (value === undefined)
    throw new AppError('invalid_input', `the ${detail} is missing`, { detail });
  // Counted before it is looked at, so that many at once are no more tries than one after another.
  await countTry(ctx, signedIn.sessionId);
  const proof = detail === 'code' ? { code: value } : { password: value };
  if (!(await input.prove(proof))) {
    throw new AppError('invalid_input', `the ${detail} is wrong`, { detail });
  }
  await ctx.db
    .updateTable('user_sessions')
    .set({ confirmed_at: ctx.clock.now(), confirm_failures: 0 })
    .where('id', '=', signedIn.sessionId)
    .execute();
}

async function countTry(ctx: Ctx, sessionId: string): Promise<void> {
  const isOver = await inTransaction(ctx.db, async (tx) => {
    const counted = await tx
      .updateTable('user_sessions')
      .set((eb) => ({ confirm_failures: eb('confirm_failures', '+', 1) }))
      .where('id', '=', sessionId)
      .where('confirm_failures', '<', failuresMax)
      .returning('id')
      .executeTakeFirst();
    if (counted !== undefined) return false;
    await tx.deleteFrom('user_sessions').where('id', '=', sessionId).execute();
    return true;
  });
  if (isOver) throw new AppError('not_signed_in', 'too many wrong answers: sign in again');
}
