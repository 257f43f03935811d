import { AppError, type CustomerId, type StaffId } from '../base/index.ts';
import type { Config } from '../config.ts';
import { passwordLink, type SignIn } from '../sign-in/index.ts';
import type { Reply } from './session.ts';

/** The link to hand over to whoever was invited, with what was made for them. */
export function linkReply(
  config: Config,
  made: { id?: StaffId | CustomerId },
  token: string,
): Reply {
  const origin = new URL(config.publicUrl ?? `http://${config.host}:${config.port}`).origin;
  const link = passwordLink(origin, token);
  return { json: { ...made, link }, text: `Open this to set the password, once:\n${link}` };
}

/** @throws AppError `not_allowed` where nobody could follow an invitation */
export function requireSignIn(app: { signIn: SignIn }): void {
  if (app.signIn.isAvailable) return;
  throw new AppError('not_allowed', 'set PANELWRIGHT_SECRET first: nobody can sign in without it');
}
