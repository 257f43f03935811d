import { createRoute, z } from '@hono/zod-openapi';
import { dayMs, formatAmount, zero } from '../../base/index.ts';
import {
  type DayFigures,
  readDashboard,
  readFirstSteps,
  readTopServices,
  type Sums,
  type Times,
} from '../../figures/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { amountSchema, answers, createApi, momentSchema } from '../open-api.ts';

/** The spans a reader can choose: the last so many days (UTC), the running one among them. */
const spans = ['7', '30', '90', '365'] as const;

const sumsFields = {
  orders: z.int().describe('a drip-feed or subscription is one'),
  revenue: amountSchema.describe('charges less refunds'),
  cost: amountSchema.describe('by the list prices of providers when they were sent'),
  margin: amountSchema,
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

const dashboardSchema = z
  .object({
    total: z.object({ ...sumsFields, ...timesFields }),
    before: z.object(sumsFields).describe('as many days before'),
    days: z.array(
      z.object({
        ...sumsFields,
        ...timesFields,
        day: momentSchema.describe('its midnight, UTC'),
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

/**
 * The figures of the dashboard. They tell what the panel earns, so they are for staff who see its
 * payments; what waits for staff is told by `/queues`.
 */
export function dashboardApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/dashboard', requireArea('payments'));
  return api.openapi(dashboardRoute, async (c) => {
    const lengthMs = Number.parseInt(c.req.valid('query').days, 10) * dayMs;
    const today = Math.floor(ctx.clock.now().getTime() / dayMs) * dayMs;
    const to = new Date(today + dayMs);
    const from = new Date(to.getTime() - lengthMs);
    const span = { from, to };
    const [dashboard, services, before, steps] = await Promise.all([
      readDashboard(ctx.db, span),
      readTopServices(ctx.db, span),
      readDashboard(ctx.db, { from: new Date(from.getTime() - lengthMs), to: from }),
      readFirstSteps(ctx.db),
    ]);
    const { total, days, providers } = dashboard;
    return c.json(
      {
        total: { ...sumsView(total), ...timesView(total) },
        before: sumsView(before.total),
        days: wholeSpan(span, days),
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
  });
}

/** A view for every day of a span, also those before the panel's first. */
function wholeSpan({ from, to }: { from: Date; to: Date }, days: readonly DayFigures[]) {
  const known = new Map(days.map((day) => [day.day.getTime(), day]));
  const count = (to.getTime() - from.getTime()) / dayMs;
  return Array.from({ length: count }, (_, at) => {
    const atMs = from.getTime() + at * dayMs;
    return dayView(known.get(atMs) ?? { day: new Date(atMs), ...noFigures });
  });
}

const noFigures = {
  ...{ orders: 0, attempts: 0, failures: 0, completed: 0, partial: 0, canceled: 0 },
  ...{ revenue: zero, cost: zero, margin: zero },
  ...{ deposits: zero, bonuses: zero, adjustments: zero, asOf: null },
  ...{ medianSeconds: null, p95Seconds: null },
};

function dayView({ day, deposits, bonuses, adjustments, ...sums }: DayFigures) {
  return {
    day: day.toISOString(),
    ...sumsView(sums),
    ...timesView(sums),
    deposits: formatAmount(deposits),
    bonuses: formatAmount(bonuses),
    adjustments: formatAmount(adjustments),
  };
}

function sumsView({ orders, attempts, failures, completed, partial, canceled, ...money }: Sums) {
  return {
    ...{ orders, attempts, failures, completed, partial, canceled },
    revenue: formatAmount(money.revenue),
    cost: formatAmount(money.cost),
    margin: formatAmount(money.margin),
  };
}

function timesView({ medianSeconds, p95Seconds }: Times): Times {
  return { medianSeconds, p95Seconds };
}
