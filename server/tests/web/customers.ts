import assert from 'node:assert/strict';
import { type CustomerId, parseAmount } from '../../src/base/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { staff } from '../factories.ts';
import { type Answer, type SignInPanel, signUp, type Visitor } from '../sign-in/visitor.ts';

export type WebCustomer = {
  visitor: Visitor;
  customerId: CustomerId;
  /** Asks the customer API, and fails unless it answers 200. */
  ask: <T>(path: string) => Promise<T>;
  /** The same for a change. */
  tell: <T>(path: string, body: object) => Promise<T>;
};

/** Somebody who signed up and has funds. */
export async function makeWebCustomer(panel: SignInPanel, funds = '100'): Promise<WebCustomer> {
  const { visitor, signedIn } = await signUp(panel);
  const { actor } = signedIn;
  assert(actor.kind === 'customer');
  const { customerId } = actor;
  if (funds !== '0') {
    const reference = `start-${customerId}`;
    const amount = parseAmount(funds, 'funds');
    await addFunds(panel.app, staff, { customerId, amount, reference });
  }
  return {
    visitor,
    customerId,
    ask: async <T>(path: string) => ok<T>(await visitor.get(`/api/customer${path}`)),
    tell: async <T>(path: string, body: object) =>
      ok<T>(await visitor.post(`/api/customer${path}`, body)),
  };
}

function ok<T>({ status, body }: Answer): T {
  assert.equal(status, 200, JSON.stringify(body));
  return body as T; // the test names the fields it looks at
}

/** The code of a refusal, with its status. */
export function refusalOf({ status, body }: Answer): { status: number; code: string } {
  const { error } = body as { error?: { code: string } };
  return { status, code: error?.code ?? '' };
}
