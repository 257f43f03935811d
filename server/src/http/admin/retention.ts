import { createRoute, z } from '@hono/zod-openapi';
import { type Retention, readRetention, updatePolicy } from '../../retention/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, answersNothing, createApi, momentSchema, takes } from '../open-api.ts';

const monthsSchema = z.int().nullable().describe('whole months after their own; null: for ever');

const policyBody = z
  .object({
    eventsMonths: monthsSchema,
    callsMonths: monthsSchema,
    isExported: z.boolean().describe('whether a month is written into a file before it is dropped'),
  })
  .openapi('RetentionPolicy');

const historySchema = z.enum(['order_events', 'delivery_events', 'provider_calls']);
const fromSchema = momentSchema.nullable().describe('null: from the beginning on');

const answerSchema = z.object({
  policy: policyBody,
  months: z
    .array(
      z.object({
        history: historySchema,
        from: fromSchema,
        until: momentSchema,
        state: z.enum(['ahead', 'current', 'kept', 'due']),
        dropsAt: momentSchema.nullable().describe('when it may go; null: never'),
        bytes: z.int().describe('with its indexes'),
        rows: z.int().describe('as the database estimates it'),
      }),
    )
    .describe('oldest first'),
  archived: z
    .array(
      z.object({
        history: historySchema,
        from: fromSchema,
        until: momentSchema,
        rows: z.int(),
        kept: z.int().describe('of those, what stayed because its orders still ran'),
        file: z.string().describe('in the archive folder of the worker; empty: none was written'),
        fileBytes: z.int(),
        droppedAt: momentSchema,
        droppedBy: z.string(),
      }),
    )
    .describe('newest first, at most a hundred'),
});

const readRoute = createRoute({
  method: 'get',
  path: '/settings/retention',
  summary: 'History by months, and how long it is kept',
  responses: answers(answerSchema, 'The policy, what there is, and what is gone'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/settings/retention',
  summary: 'Change how long history is kept; a worker follows within the hour',
  request: { body: takes(policyBody.partial()) },
  responses: answersNothing,
});

/** How long history is kept. */
export function retentionApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/settings/retention', requireArea('settings'));
  return api
    .openapi(readRoute, async (c) => {
      return c.json(retentionView(await readRetention(ctx.db, ctx.clock.now())), 200);
    })
    .openapi(updateRoute, async (c) => {
      const given = Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined);
      await updatePolicy(ctx, c.var.actor, Object.fromEntries(given));
      return c.body(null, 204);
    });
}

function retentionView({ policy, months, archived }: Retention): z.infer<typeof answerSchema> {
  return {
    policy,
    months: months.map((month) => ({
      ...month,
      from: month.from?.toISOString() ?? null,
      until: month.until.toISOString(),
      dropsAt: month.dropsAt?.toISOString() ?? null,
      bytes: Number(month.bytes),
      rows: Number(month.rows),
    })),
    archived: archived.map((month) => ({
      ...month,
      from: month.from?.toISOString() ?? null,
      until: month.until.toISOString(),
      droppedAt: month.droppedAt.toISOString(),
      rows: Number(month.rows),
      kept: Number(month.kept),
      fileBytes: Number(month.fileBytes),
    })),
  };
}
