import { createRoute, z } from '@hono/zod-openapi';
import { AppError, type PaymentMethodId, parseAmount, type StaffArea } from '../../base/index.ts';
import {
  addMethod,
  listMethods,
  type MethodChanges,
  moveMethod,
  updateMethod,
} from '../../payments/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import { clientOf } from '../client.ts';
import { answers, answersNothing, createApi, smallIdSchema, takes } from '../open-api.ts';
import { methodBody, methodChangesBody, methodSchema, methodView } from './payment-views.ts';

const params = z.object({ methodId: smallIdSchema });
const description =
  'Needs the permission "settings" and a fresh sign-in: it says where money goes.';

const listRoute = createRoute({
  method: 'get',
  path: '/payment-methods',
  summary: 'Ways to pay, in their order; never their secrets',
  responses: answers(z.object({ methods: z.array(methodSchema) }), 'At most 50'),
});

const addRoute = createRoute({
  method: 'post',
  path: '/payment-methods',
  summary: 'Add a way to pay; it is offered once it is on and has what it needs',
  description,
  request: { body: takes(methodBody) },
  responses: answers(z.object({ id: z.int() }), 'Its number'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/payment-methods/{methodId}',
  summary: 'Change a way to pay; payments under way keep the terms they were started with',
  description,
  request: { params, body: takes(methodChangesBody) },
  responses: answersNothing,
});

const moveRoute = createRoute({
  method: 'post',
  path: '/payment-methods/{methodId}/move',
  summary: 'Move a way to pay before another one, or to the end',
  request: {
    params,
    body: takes(z.object({ beforeId: z.int().nullable().describe('null: to the end') })),
  },
  responses: answersNothing,
});

/** Ways to pay, as the operator sets them. */
export function paymentMethodsApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.get('/payment-methods', requireOneOf('payments', 'settings'));
  api.post('/payment-methods', requireArea('settings'), requireFresh(ctx));
  api.patch('/payment-methods/:methodId', requireArea('settings'), requireFresh(ctx));
  return api
    .openapi(listRoute, async (c) => {
      const methods = await listMethods(ctx.db);
      const { origin } = clientOf(c, ctx);
      return c.json({ methods: methods.map((method) => methodView(method, origin)) }, 200);
    })
    .openapi(addRoute, async (c) => {
      const { kind, name, min, max, ...rest } = c.req.valid('json');
      const id = await addMethod(ctx, c.var.actor, {
        ...changesOf(rest),
        ...{ kind, name },
        min: parseAmount(min, 'min'),
        max: parseAmount(max, 'max'),
      });
      return c.json({ id }, 200);
    })
    .openapi(updateRoute, async (c) => {
      const methodId = c.req.valid('param').methodId as PaymentMethodId; // if it is one
      await updateMethod(ctx, c.var.actor, { methodId, changes: changesOf(c.req.valid('json')) });
      return c.body(null, 204);
    })
    .openapi(moveRoute, async (c) => {
      const methodId = c.req.valid('param').methodId as PaymentMethodId;
      const before = c.req.valid('json').beforeId as PaymentMethodId | null;
      await moveMethod(ctx, c.var.actor, { methodId, before });
      return c.body(null, 204);
    });
}

/** Who confirms payments reads what the methods are; who has the settings changes them. */
function requireOneOf(...areas: [StaffArea, StaffArea]): ReturnType<typeof requireArea> {
  return async (c, next) => {
    const { actor } = c.var;
    const { access } = actor;
    if (access !== 'full' && !areas.some((area) => access.areas.has(area))) {
      throw new AppError('not_allowed', `${actor.name} lacks the permission`, { detail: areas[0] });
    }
    await next();
  };
}

type Given = z.infer<typeof methodChangesBody>;

/** What was given, its amounts read; what was not is left out. */
function changesOf({ min, max, feeFixed, bonusTiers, ...given }: Given): MethodChanges {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(entries), // the same names and values
    ...(min === undefined ? {} : { min: parseAmount(min, 'min') }),
    ...(max === undefined ? {} : { max: parseAmount(max, 'max') }),
    ...(feeFixed === undefined ? {} : { feeFixed: parseAmount(feeFixed, 'feeFixed') }),
    ...(bonusTiers === undefined
      ? {}
      : {
          bonusTiers: bonusTiers.map(({ from, basisPoints }) => ({
            from: parseAmount(from, 'from'),
            basisPoints,
          })),
        }),
  };
}
