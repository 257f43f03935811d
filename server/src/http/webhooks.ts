import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Actor, AppError, type PaymentMethodId, parseSmallId } from '../base/index.ts';
import {
  applyReport,
  type PaymentsCtx,
  type Report,
  readGatewayEvent,
  readMethodSecrets,
  readPanelId,
  readStripeEvent,
} from '../payments/index.ts';

const bodyBytesMax = 512 * 1024;
const signatureLettersMax = 2_000;

type Gateway = {
  kind: 'stripe' | 'webhook';
  header: string;
  /** The name of the secret its events are signed with. */
  secretName: string;
  read: (
    ...signed: Parameters<typeof readStripeEvent>
  ) => Report | undefined | Promise<Report | undefined>;
};

const gateways: Readonly<Record<string, Gateway>> = {
  stripe: {
    kind: 'stripe',
    header: 'stripe-signature',
    secretName: 'webhookSecret',
    read: readStripeEvent,
  },
  gateway: {
    kind: 'webhook',
    header: 'panelwright-signature',
    secretName: 'secret',
    read: readGatewayEvent,
  },
};

/**
 * What payment gateways call: `POST /stripe/<method>` and `POST /gateway/<method>`. 200 once what
 * the event says is committed, or will never be believed better by sending it again; 400 when it
 * can't be: a wrong signature, or no such method, in one answer for both; 5xx to have it sent
 * again, also for what is refused until staff see to it: the customer's money is stopped, or the
 * method's secrets don't open.
 */
export function webhookRoutes(ctx: PaymentsCtx): Hono {
  const routes = new Hono();
  const limit = bodyLimit({
    maxSize: bodyBytesMax,
    // What is left of the body is not read, so the connection can't be used again.
    onError: (c) => c.json({ error: 'too large' }, 413, { Connection: 'close' }),
  });
  for (const [path, gateway] of Object.entries(gateways)) {
    routes.post(`/${path}/:method`, limit, (c) => receive(ctx, gateway, c));
  }
  return routes;
}

/** A refusal is no gateway's fault: it sends the event again until staff have seen to it. */
async function receive(ctx: PaymentsCtx, gateway: Gateway, c: Context): Promise<Response> {
  try {
    return await take(ctx, gateway, c);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message: reason } = error;
    ctx.log.error({ path: c.req.path, code, reason }, 'a payment gateway is to report again');
    return c.json({ error: 'not now, send it again later' }, 503);
  }
}

async function take(ctx: PaymentsCtx, gateway: Gateway, c: Context): Promise<Response> {
  const id = parseSmallId(c.req.param('method') ?? '');
  const signature = c.req.header(gateway.header) ?? '';
  // Whoever signs nothing costs no query.
  if (id === undefined || signature === '' || signature.length > signatureLettersMax) {
    return refuse(c);
  }
  const methodId = id as PaymentMethodId; // if it is one
  const secrets = await readMethodSecrets(ctx, { methodId, kind: gateway.kind });
  const secret = secrets?.[gateway.secretName];
  if (secret === undefined) return refuse(c);
  const body = new Uint8Array(await c.req.arrayBuffer());
  const panelId = await readPanelId(ctx.db);
  let report: Report | undefined;
  try {
    report = await gateway.read({ body, signature, secret, panelId }, ctx.clock.now());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.log.warn({ methodId, reason: error.message }, 'a webhook of a payment gateway is refused');
    return refuse(c);
  }
  if (report === undefined) return c.json({ received: true });
  const actor: Actor = { kind: 'system', name: gateway.kind };
  const outcome = await applyReport(ctx, actor, { methodId, report });
  const { eventId, kind } = report;
  ctx.log.info({ methodId, eventId, kind, outcome }, 'a payment gateway reported');
  return c.json({ received: true });
}

function refuse(c: Context): Response {
  return c.json({ error: 'the signature or the address is not right' }, 400);
}
