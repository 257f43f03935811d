import { createRoute, z } from '@hono/zod-openapi';
import type { KeyId } from '../../base/index.ts';
import {
  createKey,
  listKeys,
  listRecentCalls,
  revokeKey,
  rotateKey,
  setAllowedAddresses,
} from '../../customers/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  answers,
  answersNothing,
  createApi,
  momentSchema,
  smallIdSchema,
  takes,
} from '../open-api.ts';

const addressesSchema = z.array(z.string().max(64)).max(100);
const createdSchema = z
  .object({ id: z.int(), key: z.string().describe('shown this once') })
  .openapi('CreatedKey');
const params = z.object({ keyId: smallIdSchema });

const listRoute = createRoute({
  method: 'get',
  path: '/keys',
  summary: 'Your API keys, newest first, without the keys themselves',
  responses: answers(
    z.object({
      keys: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          prefix: z.string(),
          allowedAddresses: z.array(z.string()),
          createdAt: momentSchema,
          revokedAt: momentSchema.nullable(),
          lastUsedAt: momentSchema.nullable(),
        }),
      ),
    }),
    'Keys in use and revoked ones',
  ),
});

const createKeyRoute = createRoute({
  method: 'post',
  path: '/keys',
  summary: 'Make a key',
  request: {
    body: takes(
      z.object({ name: z.string().min(1).max(100), allowedAddresses: addressesSchema.optional() }),
    ),
  },
  responses: answers(createdSchema, 'The key, which nobody can read again'),
});

const rotateRoute = createRoute({
  method: 'post',
  path: '/keys/{keyId}/rotate',
  summary: 'Replace a key by a new one of the same name; the old one stops working at once',
  request: { params },
  responses: answers(createdSchema, 'The new key, which nobody can read again'),
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/keys/{keyId}',
  summary: 'Stop a key at once',
  request: { params },
  responses: answersNothing,
});

const addressesRoute = createRoute({
  method: 'put',
  path: '/keys/{keyId}/addresses',
  summary: 'Say from which addresses or networks a key works; none: from everywhere',
  request: { params, body: takes(z.object({ allowedAddresses: addressesSchema })) },
  responses: answersNothing,
});

const callsRoute = createRoute({
  method: 'get',
  path: '/calls',
  summary: 'Your last 50 calls of the panel API v2, newest first',
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
export function keysApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(listRoute, async (c) => {
      const keys = await listKeys(ctx.db, c.var.actor.customerId);
      const views = keys.map(({ createdAt, revokedAt, lastUsedAt, ...key }) => ({
        ...key,
        createdAt: createdAt.toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
      }));
      return c.json({ keys: views }, 200);
    })
    .openapi(createKeyRoute, async (c) => {
      const { customerId } = c.var.actor;
      const { name, allowedAddresses = [] } = c.req.valid('json');
      const input = { customerId, name, allowedAddresses };
      return c.json(await createKey(ctx, c.var.actor, input), 200);
    })
    .openapi(rotateRoute, async (c) => {
      const { customerId } = c.var.actor;
      const keyId = c.req.valid('param').keyId as KeyId;
      return c.json(await rotateKey(ctx, c.var.actor, { customerId, keyId }), 200);
    })
    .openapi(revokeRoute, async (c) => {
      const { customerId } = c.var.actor;
      const keyId = c.req.valid('param').keyId as KeyId;
      await revokeKey(ctx, c.var.actor, { customerId, keyId });
      return c.body(null, 204);
    })
    .openapi(addressesRoute, async (c) => {
      const { customerId } = c.var.actor;
      const keyId = c.req.valid('param').keyId as KeyId;
      const { allowedAddresses } = c.req.valid('json');
      await setAllowedAddresses(ctx, c.var.actor, { customerId, keyId, allowedAddresses });
      return c.body(null, 204);
    })
    .openapi(callsRoute, async (c) => {
      return c.json({ calls: await listRecentCalls(ctx.db, c.var.actor.customerId) }, 200);
    });
}
