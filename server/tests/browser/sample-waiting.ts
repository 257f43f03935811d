import { requestCancelFor } from '../../src/cancels/index.ts';
import { syncProvider } from '../../src/catalog/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { requestRefillFor } from '../../src/refills/index.ts';
import { place, type Upstream } from '../delivery/upstream.ts';
import { makeService, staff } from '../factories.ts';
import type { SignInPanel } from '../sign-in/visitor.ts';
import { sampleServices } from './sample-catalog.ts';
import type { Person } from './sample-people.ts';

/**
 * Something that staff deliver by hand, and have delivered once.
 * @returns what asks for all that can be asked for it, a day later
 */
export async function deliverByHand(
  panel: SignInPanel,
  { key }: Person,
): Promise<() => Promise<void>> {
  const { app } = panel;
  const service = await makeService(panel, {
    category: 'Comments',
    name: 'Product reviews · written by our team',
    rate: '240',
    min: 5,
    max: 100,
    cancel: true,
    refill: true,
    refillDays: 30,
  });
  await app.catalog.refresh();
  const order = (name: string) =>
    place(panel, { key, service, link: `https://example.com/shop/${name}`, quantity: 10 });
  const delivered = await order('lamp');
  await settleOrder(app, staff, { orderId: delivered, status: 'Completed' });
  return async () => {
    await requestRefillFor(app, staff, delivered);
    await requestCancelFor(app, staff, await order('chair'));
  };
}

/** The upstream sells more, and asks more for something. */
export async function changeSupply(panel: SignInPanel, upstream: Upstream): Promise<void> {
  const [first] = sampleServices;
  if (first === undefined) throw new Error('the sample has no services');
  const fresh = { ...first, category: 'Saves and shares' };
  upstream.sandbox.setServices([
    ...sampleServices.map((one) => (one.rate === '1.85' ? { ...one, rate: '3.10' } : one)),
    { ...fresh, service: 901, name: 'Saves · real profiles', rate: '0.36' },
    { ...fresh, service: 908, name: 'Shares · worldwide', rate: '0.54' },
    { ...fresh, service: 915, name: 'Reposts · with a text of theirs', rate: '2.20' },
  ]);
  await syncProvider(panel.app, staff, upstream.providerId);
}
