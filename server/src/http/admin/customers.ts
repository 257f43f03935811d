import { createRoute, z } from '@hono/zod-openapi';
import {
  AppError,
  type CustomerId,
  formatRate,
  parseAmount,
  parseSmallId,
  type ServiceId,
} from '../../base/index.ts';
import {
  type CustomerChanges,
  createCustomer,
  readCustomer,
  readMoneyStop,
  searchCustomers,
  updateCustomer,
} from '../../customers/index.ts';
import { readCustomerActivity } from '../../figures/index.ts';
import {
  inviteCustomer,
  passwordLink,
  readCustomerLogin,
  requireProven,
} from '../../sign-in/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { clientOf } from '../client.ts';
import { amountSchema, answers, answersNothing, createApi, pageQuery, takes } from '../open-api.ts';
import {
  customerDetailSchema,
  customerOf,
  customerParams,
  customerRowSchema,
  customerStatusSchema,
  detailView,
  languageSchema,
  rowView,
} from './customer-views.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/customers',
  summary: 'Customers, newest first',
  request: {
    query: pageQuery.extend({
      search: z
        .string()
        .max(200)
        .optional()
        .describe('a number, or a part of a name or e-mail address'),
      status: customerStatusSchema.optional(),
    }),
  },
  responses: answers(
    z.object({ rows: z.array(customerRowSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const createCustomerRoute = createRoute({
  method: 'post',
  path: '/customers',
  summary:
    'Create a customer, with a login or without; with one, they set its password by the link',
  request: {
    body: takes(
      z.object({
        name: z.string().min(1).max(200),
        language: languageSchema.optional(),
        email: z.string().max(254).optional().describe('none: nobody signs in for them'),
      }),
    ),
  },
  responses: answers(
    z.object({
      id: z.int(),
      link: z.string().nullable().describe('sets the password, once, within three days'),
    }),
    'The link is shown this once',
  ),
});

const detailRoute = createRoute({
  method: 'get',
  path: '/customers/{customerId}',
  summary: 'A customer with terms, login, keys, own prices, and what they have under way',
  request: { params: customerParams },
  responses: answers(customerDetailSchema, 'The customer'),
});

const reasonSchema = z.string().trim().min(1).max(500);
const changesBody = z
  .object({
    name: z.string().min(1).max(200).optional(),
    status: customerStatusSchema.optional(),
    reason: reasonSchema.optional().describe('why they are suspended; for staff alone'),
    discountBasisPoints: z.int().min(0).max(9_999).optional(),
    callsPerSecondMax: z.int().min(1).max(1_000_000).nullable().optional(),
    creditLimit: amountSchema.optional(),
  })
  .refine(({ status, reason }) => status !== 'suspended' || reason !== undefined, {
    path: ['reason'],
    message: 'a suspension needs a reason',
  });

const updateRoute = createRoute({
  method: 'patch',
  path: '/customers/{customerId}',
  summary: 'Change a customer: name, terms, suspension',
  description: 'Another credit limit needs a fresh sign-in.',
  request: {
    params: customerParams,
    body: takes(changesBody),
  },
  responses: answersNothing,
});

/** Customers: found, created, looked at, changed. */
export function customersApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/customers', requireArea('customers'));
  api.use('/customers/:customerId', requireArea('customers'));
  return api
    .openapi(listRoute, async (c) => {
      const { cursor, limit, search, status } = c.req.valid('query');
      const page = { limit, ...(cursor === undefined ? {} : { before: readCursor(cursor) }) };
      const filter = {
        ...(search === undefined ? {} : { text: search }),
        ...(status === undefined ? {} : { status }),
      };
      const { customers, next } = await searchCustomers(ctx.db, filter, page);
      return c.json(
        { rows: customers.map(rowView), next: next === null ? null : String(next) },
        200,
      );
    })
    .openapi(createCustomerRoute, async (c) => {
      const { email, ...rest } = c.req.valid('json');
      const { name, language = 'en' } = rest;
      if (email === undefined || email.trim() === '') {
        const id = await createCustomer(ctx, c.var.actor, { name, language });
        return c.json({ id, link: null }, 200);
      }
      requireProven(ctx, c.var.signedIn);
      const input = { name, language, email };
      const { customerId, token } = await inviteCustomer(ctx, c.var.actor, input);
      const link = passwordLink(clientOf(c, ctx).origin, token);
      return c.json({ id: customerId, link }, 200);
    })
    .openapi(detailRoute, async (c) => {
      return c.json(await readDetail(ctx, customerOf(c.req.valid('param'))), 200);
    })
    .openapi(updateRoute, async (c) => {
      const { creditLimit, ...given } = c.req.valid('json');
      if (creditLimit !== undefined) requireProven(ctx, c.var.signedIn);
      await updateCustomer(ctx, c.var.actor, {
        customerId: customerOf(c.req.valid('param')),
        changes: {
          ...changesOf(given),
          ...(creditLimit === undefined
            ? {}
            : { creditLimit: parseAmount(creditLimit, 'creditLimit') }),
        },
      });
      return c.body(null, 204);
    });
}

async function readDetail(ctx: AdminApiContext, customerId: CustomerId) {
  const [customer, activity, login, moneyStop] = await Promise.all([
    readCustomer(ctx.db, customerId),
    readCustomerActivity(ctx.db, customerId),
    readCustomerLogin(ctx, customerId),
    readMoneyStop(ctx.db, customerId),
  ]);
  if (customer === undefined) throw new AppError('not_found', `no customer ${customerId}`);
  const { services, settings } = ctx.catalog.current();
  const listRateOf = (id: number) => {
    const service = services.get(id as ServiceId);
    return service === undefined ? null : formatRate(service.rate);
  };
  const { callsPerSecondDefault } = settings;
  const known = { customer, moneyStop, activity, login };
  return detailView({ ...known, callsPerSecondDefault, listRateOf });
}

function readCursor(cursor: string): CustomerId {
  const id = parseSmallId(cursor);
  if (id === undefined) throw new AppError('invalid_input', 'no such page', { detail: 'cursor' });
  return id as CustomerId; // the number of one, or of none
}

type Changing = Omit<z.infer<typeof changesBody>, 'creditLimit'>;

/** What was given; what was not is left out. */
function changesOf(given: Changing): CustomerChanges {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as CustomerChanges; // the same names and values
}
