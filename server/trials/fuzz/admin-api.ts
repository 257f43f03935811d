import { syncProvider } from '../../src/catalog/index.ts';
import { openUpstream, place } from '../../tests/delivery/upstream.ts';
import { makeCustomer, staff } from '../../tests/factories.ts';
import { testSecret } from '../../tests/harness.ts';
import { gatewaySecrets, makeMethod, start, stripeSecrets } from '../../tests/payments/steps.ts';
import { password } from '../../tests/sign-in/visitor.ts';
import { openMember } from '../../tests/web/members.ts';
import { stock } from './panel.ts';
import { canaries } from './replies.ts';
import { keepSession } from './session.ts';
import type { Target } from './target.ts';
import { openWebApi } from './web-api.ts';

const link = 'https://example.com/p/1';

/** The admin API, as staff with every permission, on a panel that has some of everything. */
export function openAdminApi(): Promise<Target> {
  return openWebApi(async (panel) => {
    const offers = await stock(panel);
    const upstream = await openUpstream(panel);
    await syncProvider(panel.app, staff, { providerId: upstream.providerId });
    const { customerId, key } = await makeCustomer(panel);
    const methodId = await makeMethod(panel, { kind: 'webhook' });
    await start(panel.app, { customerId, methodId });
    for (const { id, type } of offers) {
      if (type === 'Default') await place(panel, { key, service: id, link, quantity: 10 });
    }
    const { visitor } = await openMember(panel);
    return {
      path: '/api/admin',
      visitor,
      without: [],
      secrets: [
        ...[testSecret, password, key, upstream.key, canaries.providerKey],
        ...[gatewaySecrets.secret, ...Object.values(stripeSecrets)],
      ],
      restore: await keepSession(panel),
      finish: async () => ({}),
      close: upstream.close,
    };
  });
}
