import type english from '../../en/customer/index.ts';
import type { SameKeys } from '../../same-keys.ts';
import api from './api.ts';
import frame from './frame.ts';
import newOrder from './new-order.ts';
import orders from './orders.ts';
import problems from './problems.ts';
import signIn from './sign-in.ts';

const texts = { ...frame, api, problems, newOrder, orders, signIn };
/** The same texts in simplified Chinese; a missing one does not compile. */
export default texts satisfies SameKeys<typeof english>;
