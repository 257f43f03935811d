import { createRoute, z } from '@hono/zod-openapi';
import type { KeyId } from '../../base/index.ts';
import {
  createKey,
  listRecentCalls,
  revokeKey,
  rotateKey,
  setAllowedAddresses,
} from '../../customers/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import {
  answers,
  answersNothing,
  createApi,
  momentSchema,
  smallIdSchema,
  takes,
} from '../open-api.ts';
import { customerOf, customerParams } from './customer-views.ts';

const addressesSchema = z.array(z.string().max(64)).max(100);
const createdSchema = z.object({ id: z.int(), key: z.string().describe('shown this once') });
const keyParams = customerParams.extend({ keyId: smallIdSchema });
const description = 'Needs a fresh sign-in: a key spends the balance.';

const createKeyRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/keys',
  summary: 'Make a key for a customer',
  description,
  request: {
    params: customerParams,
    body: takes(
      z.object({ name: z.string().min(1).max(100), allowedAddresses: addressesSchema.optional() }),
    ),
  },
  responses: answers(createdSchema, 'The key, which nobody can read again'),
});

const rotateRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/keys/{keyId}/rotate',
  summary: 'Replace a key by a new one of the same name; the old one stops working at once',
  description,
  request: { params: keyParams },
  responses: answers(createdSchema, 'The new key, which nobody can read again'),
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/customers/{customerId}/keys/{keyId}',
  summary: 'Stop a key at once',
  request: { params: keyParams },
  responses: answersNothing,
});

const addressesRoute = createRoute({
  method: 'put',
  path: '/customers/{customerId}/keys/{keyId}/addresses',
  summary: 'Say from which addresses or networks a key works; none: from everywhere',
  request: { params: keyParams, body: takes(z.object({ allowedAddresses: addressesSchema })) },
  responses: answersNothing,
});

const callsRoute = createRoute({
  method: 'get',
  path: '/customers/{customerId}/calls',
  summary: 'The last 50 calls of a customer, newest first',
  request: { params: customerParams },
  responses: answers(
    z.object({
      calls: z.array(
        z.object({
          at: momentSchema,
          keyId: z.int(),
          address: z.string(),
          action: z.string(),
          refusal: z.string().nullable().describe('null: it was done'),
        }),
      ),
    }),
    'As they were a few seconds ago',
  ),
});

/** API keys of a customer, and what was called with them. */
export function customerKeysApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/customers/:customerId/calls', requireArea('customers'));
  const fresh = [requireArea('customers'), requireFresh(ctx)] as const;
  api.post('/customers/:customerId/keys', ...fresh);
  api.post('/customers/:customerId/keys/:keyId/rotate', ...fresh);
  return api
    .openapi(createKeyRoute, async (c) => {
      const customerId = customerOf(c.req.valid('param'));
      const { name, allowedAddresses = [] } = c.req.valid('json');
      const input = { customerId, name, allowedAddresses };
      return c.json(await createKey(ctx, c.var.actor, input), 200);
    })
    .openapi(rotateRoute, async (c) => {
      return c.json(await rotateKey(ctx, c.var.actor, keyOf(c.req.valid('param'))), 200);
    })
    .openapi(revokeRoute, async (c) => {
      await revokeKey(ctx, c.var.actor, keyOf(c.req.valid('param')));
      return c.body(null, 204);
    })
    .openapi(addressesRoute, async (c) => {
      const { allowedAddresses } = c.req.valid('json');
      const key = keyOf(c.req.valid('param'));
      await setAllowedAddresses(ctx, c.var.actor, { ...key, allowedAddresses });
      return c.body(null, 204);
    })
    .openapi(callsRoute, async (c) => {
      const customerId = customerOf(c.req.valid('param'));
      return c.json({ calls: await listRecentCalls(ctx.db, customerId) }, 200);
    });
}

function keyOf(param: z.infer<typeof keyParams>) {
  return { customerId: customerOf(param), keyId: param.keyId as KeyId }; // if it is one of theirs
}
