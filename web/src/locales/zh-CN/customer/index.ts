import type english from '../../en/customer/index.ts';
import type { SameKeys } from '../../same-keys.ts';
import account from './account.ts';
import api from './api.ts';
import frame from './frame.ts';
import funds from './funds.ts';
import massOrder from './mass-order.ts';
import newOrder from './new-order.ts';
import orders from './orders.ts';
import problems from './problems.ts';
import refills from './refills.ts';
import services from './services.ts';
import signIn from './sign-in.ts';

const texts = {
  ...frame,
  account,
  api,
  funds,
  problems,
  massOrder,
  newOrder,
  orders,
  refills,
  services,
  signIn,
};
/** The same texts in simplified Chinese; a missing one does not compile. */
export default texts satisfies SameKeys<typeof english>;
