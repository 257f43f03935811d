import { createRoute, z } from '@hono/zod-openapi';
import { dayMs, formatAmount, type ProviderId, zero } from '../../base/index.ts';
import {
  readDashboard,
  readDaysOf,
  readFirstSteps,
  readTopServices,
  type Sums,
  type Times,
} from '../../figures/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { amountSchema, answers, createApi, momentSchema, smallIdSchema } from '../open-api.ts';

/** The spans a reader can choose: the last so many days (UTC), the running one among them. */
const spans = ['7', '30', '90', '365'] as const;

const sumsFields = {
  orders: z.int().describe('a drip-feed or subscription is one'),
  revenue: amountSchema.describe('charges less refunds'),
  cost: amountSchema.describe('by the list prices of providers when they were sent'),
  margin: amountSchema.describe('revenue less cost, without orders whose cost is not known'),
  uncosted: z.int().describe('orders and runs that a provider took at a price nobody knows'),
  uncostedRevenue: amountSchema.describe('of these; it is part of the revenue'),
  attempts: z.int(),
  failures: z.int().describe('refused, not taken or unknown'),
  completed: z.int(),
  partial: z.int(),
  canceled: z.int(),
};
const timesFields = {
  medianSeconds: z.number().nullable().describe('from placed to completed'),
  p95Seconds: z.number().nullable(),
};

const dayFields = {
  ...sumsFields,
  ...timesFields,
  day: momentSchema.describe('its midnight, UTC'),
};

const dashboardSchema = z
  .object({
    total: z.object({ ...sumsFields, ...timesFields }),
    before: z.object(sumsFields).describe('as many days before'),
    days: z.array(
      z.object({
        ...dayFields,
        deposits: amountSchema,
        bonuses: amountSchema,
        adjustments: amountSchema,
      }),
    ),
    providers: z.array(
      z.object({
        ...sumsFields,
        ...timesFields,
        providerId: z.int().nullable().describe('null: delivered by staff'),
        name: z.string().nullable(),
      }),
    ),
    services: z.array(
      z.object({ ...sumsFields, ...timesFields, serviceId: z.int(), name: z.string() }),
    ),
    steps: z
      .object({
        settings: z.boolean().describe('it has a name or a logo of its own'),
        provider: z.boolean(),
        services: z.boolean(),
        payments: z.boolean().describe('customers are offered a way to pay'),
        customers: z.boolean(),
      })
      .describe('what of a new panel is set up'),
    asOf: momentSchema.nullable().describe('how the running day stood at this moment'),
  })
  .openapi('Dashboard');

const dashboardRoute = createRoute({
  method: 'get',
  path: '/dashboard',
  summary: 'What the last days came to',
  request: { query: z.object({ days: z.enum(spans).default('30') }) },
  responses: answers(dashboardSchema, 'Days, providers with most revenue first, top services'),
});

const daysRoute = createRoute({
  method: 'get',
  path: '/dashboard/days',
  summary: 'What one provider delivered, day by day',
  request: {
    query: z.object({
      days: z.enum(spans).default('30'),
      provider: z.union([z.literal('staff'), smallIdSchema]),
    }),
  },
  responses: answers(
    z.object({ days: z.array(z.object(dayFields)) }).openapi('ProviderDays'),
    'Every day of the span; staff: what no provider delivered',
  ),
});

/**
 * The figures of the dashboard. They tell what the panel earns, so they are for staff who see its
 * payments; what waits for staff is told by `/queues`.
 */
export function dashboardApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/dashboard', requireArea('payments'));
  api.use('/dashboard/*', requireArea('payments'));
  return api
    .openapi(dashboardRoute, async (c) => {
      const { span, lengthMs } = lastDays(ctx.clock.now(), c.req.valid('query').days);
      const [dashboard, services, before, steps] = await Promise.all([
        readDashboard(ctx.db, span),
        readTopServices(ctx.db, span),
        readDashboard(ctx.db, { from: new Date(span.from.getTime() - lengthMs), to: span.from }),
        readFirstSteps(ctx.db),
      ]);
      const { total, days, providers } = dashboard;
      return c.json(
        {
          total: { ...sumsView(total), ...timesView(total) },
          before: sumsView(before.total),
          days: wholeSpan(span, days).map(({ deposits, bonuses, adjustments, ...day }) => ({
            ...dayView(day),
            deposits: formatAmount(deposits),
            bonuses: formatAmount(bonuses),
            adjustments: formatAmount(adjustments),
          })),
          providers: providers.map((each) => ({
            ...{ providerId: each.providerId, name: each.name },
            ...sumsView(each),
            ...timesView(each),
          })),
          services: services.map((each) => ({
            ...{ serviceId: each.serviceId, name: each.name },
            ...sumsView(each),
            ...timesView(each),
          })),
          steps,
          asOf: days.at(-1)?.asOf?.toISOString() ?? null,
        },
        200,
      );
    })
    .openapi(daysRoute, async (c) => {
      const { days, provider } = c.req.valid('query');
      const { span } = lastDays(ctx.clock.now(), days);
      const providerId = provider === 'staff' ? null : (provider as ProviderId);
      const found = await readDaysOf(ctx.db, span, providerId);
      return c.json({ days: wholeSpan(span, found).map(dayView) }, 200);
    });
}

/** The last days (UTC), the running one among them. */
function lastDays(now: Date, days: (typeof spans)[number]) {
  const lengthMs = Number.parseInt(days, 10) * dayMs;
  const to = new Date(Math.floor(now.getTime() / dayMs) * dayMs + dayMs);
  return { span: { from: new Date(to.getTime() - lengthMs), to }, lengthMs };
}

type DayOf = Awaited<ReturnType<typeof readDaysOf>>[number];

/** Every day of a span, also those before the panel's first. */
function wholeSpan<Day extends DayOf>(
  { from, to }: { from: Date; to: Date },
  days: readonly Day[],
): (Day | (typeof noFigures & { day: Date }))[] {
  const known = new Map(days.map((day) => [day.day.getTime(), day]));
  const count = (to.getTime() - from.getTime()) / dayMs;
  return Array.from({ length: count }, (_, at) => {
    const atMs = from.getTime() + at * dayMs;
    return known.get(atMs) ?? { ...noFigures, day: new Date(atMs) };
  });
}

const noFigures = {
  ...{ orders: 0, attempts: 0, failures: 0, completed: 0, partial: 0, canceled: 0 },
  ...{ revenue: zero, cost: zero, margin: zero, uncosted: 0, uncostedRevenue: zero },
  ...{ deposits: zero, bonuses: zero, adjustments: zero, asOf: null },
  ...{ medianSeconds: null, p95Seconds: null },
};

function dayView(day: DayOf) {
  return { day: day.day.toISOString(), ...sumsView(day), ...timesView(day) };
}

function sumsView(sums: Sums) {
  const { orders, attempts, failures, completed, partial, canceled, uncosted } = sums;
  return {
    ...{ orders, attempts, failures, completed, partial, canceled, uncosted },
    revenue: formatAmount(sums.revenue),
    cost: formatAmount(sums.cost),
    margin: formatAmount(sums.margin),
    uncostedRevenue: formatAmount(sums.uncostedRevenue),
  };
}

function timesView({ medianSeconds, p95Seconds }: Times): Times {
  return { medianSeconds, p95Seconds };
}
