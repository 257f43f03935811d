import { createPanelClient, type Transport, TransportError } from '@panelwright/sdk';

/** For a network that a test plays: the first request finds nobody, the second one does. */
function createTransport(): Transport {
  let requests = 0;
  return async ({ body }) => {
    requests += 1;
    if (requests === 1) throw new TransportError('unreachable', { sent: 'no' });
    const isAdd = new URLSearchParams(body).get('action') === 'add';
    const reply = isAdd ? { order: 23501 } : { error: 'Incorrect request' };
    return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(reply)) };
  };
}

const panel = createPanelClient({
  url: 'https://panel.example/api/v2',
  key: 'any',
  transport: createTransport(),
});
const order = { service: 1, link: 'https://example.com/post', quantity: 100 };
const first = await panel.add(order);
console.log(first.outcome);
if (first.outcome === 'notSent') console.log((await panel.add(order)).outcome);
