import { hourMs } from '../../src/base/index.ts';
import { requestCancelFor } from '../../src/cancels/index.ts';
import { syncProvider } from '../../src/catalog/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { requestRefillFor } from '../../src/refills/index.ts';
import { place, type Upstream } from '../delivery/upstream.ts';
import { makeService, staff } from '../factories.ts';
import type { SignInPanel } from '../sign-in/visitor.ts';
import type { Sample } from './sample.ts';
import { sampleServices } from './sample-catalog.ts';

const refillAfterMs = 25 * hourMs;

/** What waits for staff beside what goes wrong at a provider. */
export async function makeWaiting(panel: SignInPanel, sample: Sample): Promise<void> {
  await askByHand(panel, sample.key);
  await changeSupply(panel, sample.upstream);
  await orderAtLoss(panel, sample);
}

/** Something that staff deliver by hand, and what a customer asks of them. */
async function askByHand(panel: SignInPanel, key: string): Promise<void> {
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
  panel.clock.advance(-refillAfterMs);
  const delivered = await order('lamp');
  await settleOrder(app, staff, { orderId: delivered, status: 'Completed' });
  panel.clock.advance(refillAfterMs);
  await requestRefillFor(app, staff, delivered);
  await requestCancelFor(app, staff, await order('chair'));
}

/** The upstream sells more, and asks more for something. */
async function changeSupply(panel: SignInPanel, upstream: Upstream): Promise<void> {
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

/** What costs more since then than it is sold for. */
async function orderAtLoss(panel: SignInPanel, { key, ids, upstream }: Sample): Promise<void> {
  const link = 'https://example.com/today/at-a-loss';
  await place(panel, { key, service: Number(ids.serviceId), link, quantity: 1_000 });
  await upstream.forward();
}
