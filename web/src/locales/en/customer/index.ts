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

/** The texts of the customers' pages and of everything that both sides share. */
export default {
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
