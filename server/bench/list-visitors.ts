import { type Actor, type CustomerId, systemClock } from '../src/base/index.ts';
import { addUser } from '../src/sign-in/index.ts';
import { largestCustomer, postsCustomer, smallCustomer } from './list-seed.ts';
import type { Panel, ServedPanel } from './panel.ts';

const actor: Actor = { kind: 'staff', name: 'bench', access: 'full' };
const password = `bench-${systemClock.now().getTime()}`;

/** Customers at their pages: each reads a path of `/api/customer`. */
export type Visitors = {
  server: ServedPanel;
  largest: (path: string) => Promise<void>;
  posts: (path: string) => Promise<void>;
  small: (path: string) => Promise<void>;
};

/** Signs three customers of different size in at a panel that is served. */
export async function signInAs(panel: Panel, server: ServedPanel): Promise<Visitors> {
  const [largest, posts, small] = await Promise.all([
    signIn(panel, server, largestCustomer),
    signIn(panel, server, postsCustomer),
    signIn(panel, server, smallCustomer),
  ]);
  return { server, largest, posts, small };
}

async function signIn(panel: Panel, { url }: ServedPanel, customer: number) {
  const { origin } = new URL(url);
  const email = `customer${customer}@example.com`;
  // The seed has made this customer.
  const customerId = customer as CustomerId;
  // A filled folder may have the login of the last time.
  await panel.owner.db.deleteFrom('users').where('customer_id', '=', customerId).execute();
  await addUser(panel.app, actor, { owner: { customerId }, email, password });
  const answer = await fetch(`${origin}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.slice(0, line.indexOf(';')))
    .join('; ');
  return async (path: string): Promise<void> => {
    const page = await fetch(`${origin}/api/customer${path}`, { headers: { cookie } });
    const text = await page.text();
    if (!page.ok) throw new Error(`${path} answered ${page.status}: ${text.slice(0, 200)}`);
  };
}
