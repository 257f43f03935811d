import { createRoute, z } from '@hono/zod-openapi';
import { readAlarmSettings, testAlarm, updateAlarmSettings } from '../../alarms/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, answersNothing, createApi, takes } from '../open-api.ts';

const alarmsBody = z
  .object({
    emails: z.array(z.string().trim().max(254)).max(10),
    language: z.enum(['en', 'zh-CN']).describe('of the mails'),
    webhookUrl: z.string().trim().max(2_000).describe("empty: there's none"),
  })
  .openapi('AlarmSettings');

const readRoute = createRoute({
  method: 'get',
  path: '/settings/alarms',
  summary: 'Who is told of alarms, besides the log',
  responses: answers(alarmsBody, 'All but the secret'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/settings/alarms',
  summary: 'Change who is told of alarms; the rest stays',
  request: {
    body: takes(
      alarmsBody
        .extend({
          webhookSecret: z
            .string()
            .regex(/^[\x21-\x7e]{16,200}$/)
            .describe('signs the calls; needed with another address'),
        })
        .partial(),
    ),
  },
  responses: answersNothing,
});

const testRoute = createRoute({
  method: 'post',
  path: '/settings/test-alarm',
  summary: 'Send a test alarm to all who are told',
  responses: answers(
    z.object({
      mails: z.int().describe('put into the outbox'),
      failure: z.string().nullable().describe('of the webhook; null: it took it, or is not set'),
    }),
    'How that went',
  ),
});

/** Who is told of alarms. */
export function alarmsApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/settings/alarms', requireArea('settings'));
  api.use('/settings/test-alarm', requireArea('settings'));
  return api
    .openapi(readRoute, async (c) => c.json(await readAlarmSettings(ctx.db), 200))
    .openapi(updateRoute, async (c) => {
      const given = Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined);
      await updateAlarmSettings(ctx, c.var.actor, Object.fromEntries(given));
      return c.body(null, 204);
    })
    .openapi(testRoute, async (c) => c.json(await testAlarm(ctx, c.var.actor), 200));
}
