import { updateCustomer } from '../../src/customers/index.ts';
import { makeCustomer, staff } from '../../tests/factories.ts';
import { testSecret } from '../../tests/harness.ts';
import { gatewaySecrets, makeMethod, stripeSecrets } from '../../tests/payments/steps.ts';
import { password } from '../../tests/sign-in/visitor.ts';
import { makeWebCustomer } from '../../tests/web/customers.ts';
import { createBooks } from './books.ts';
import { stock } from './panel.ts';
import { canaries } from './replies.ts';
import { keepSession } from './session.ts';
import type { Target } from './target.ts';
import { openWebApi } from './web-api.ts';

const funds = '1000000';
const discountBasisPoints = 250;

/** The customer API, as a customer with funds among others. */
export function openCustomerApi(): Promise<Target> {
  return openWebApi(async (panel) => {
    const offers = await stock(panel);
    const other = await makeCustomer(panel);
    const { visitor, customerId } = await makeWebCustomer(panel, funds);
    await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints } });
    await makeMethod(panel, { kind: 'manual' });
    await makeMethod(panel, { kind: 'webhook' });
    const books = createBooks(panel, offers);
    const terms = { discountBasisPoints, ownRates: new Map<number, string>() };
    return {
      path: '/api/customer',
      visitor,
      without: [],
      secrets: [
        ...[testSecret, password, other.key, gatewaySecrets.secret],
        ...Object.values(stripeSecrets),
        ...Object.values(canaries),
      ],
      restore: await keepSession(panel),
      finish: () => books.checkAll({ customerId, terms, start: BigInt(funds) * 100_000_000n }),
    };
  });
}
