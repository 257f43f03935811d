import { createRoute, z } from '@hono/zod-openapi';
import { readLastBackup } from '../../backup/index.ts';
import { AppError, parseId } from '../../base/index.ts';
import { readDispatchState } from '../../fulfilment/index.ts';
import { countMails, listMails, type OutboxMail } from '../../mail/index.ts';
import {
  confirmRestore,
  readSystemFacts,
  retryMails,
  type SystemFacts,
} from '../../system/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, createApi, momentSchema, pageQuery } from '../open-api.ts';

const stateSchema = z
  .object({
    state: z.enum(['green', 'red']),
    checks: z.array(
      z.object({ name: z.string(), ok: z.boolean(), detail: z.string().describe('in English') }),
    ),
    overdue: z.int().describe('orders that should have left'),
    oldestDueAt: momentSchema.nullable(),
    unknown: z.int().describe('orders of which nobody knows whether they arrived'),
    oldestUnknownAt: momentSchema.nullable(),
    restoredFrom: momentSchema
      .nullable()
      .describe('the backup this panel was restored from, until that is confirmed'),
    backupAt: momentSchema.nullable().describe('when the last backup was begun by itself'),
    moneyStops: z.array(z.int()).describe('customers whose money is stopped; at most 100'),
    stopped: z.array(z.string()).describe('providers out of funds, or whose key was refused'),
    lastTaskAt: momentSchema.nullable().describe('when a worker last did anything'),
  })
  .openapi('SystemState');

const factsSchema = z
  .object({
    panel: z.string(),
    node: z.string(),
    postgres: z.string(),
    migration: z.string().describe("the schema's newest"),
    migratedAt: momentSchema,
    migrations: z.int(),
    databaseBytes: z.int(),
    connectionsUsed: z.int(),
    connectionsMax: z.int(),
    tables: z.array(z.object({ name: z.string(), bytes: z.int(), rows: z.int() })),
    tasks: z.array(
      z.object({
        name: z.string(),
        startedAt: momentSchema,
        tookMs: z.int(),
        failedAt: momentSchema.nullable(),
        failure: z.string(),
      }),
    ),
    mails: z.object({
      mode: z.enum(['smtp', 'log', 'keep']),
      waiting: z.int(),
      retrying: z.int().describe('of those that wait, how many failed before'),
      failed: z.int().describe('given up within the last month'),
    }),
  })
  .openapi('SystemFacts');

const factsRoute = createRoute({
  method: 'get',
  path: '/system',
  summary: 'What the panel runs on, whether it does what it should, its tasks and its mail',
  responses: answers(factsSchema.extend({ state: stateSchema }), 'Facts'),
});

const mailsRoute = createRoute({
  method: 'get',
  path: '/system/mails',
  summary: 'Mails that wait, or that were given up',
  request: { query: pageQuery.extend({ state: z.enum(['waiting', 'failed']) }) },
  responses: answers(
    z.object({
      rows: z.array(
        z
          .object({
            id: z.int(),
            recipient: z.string(),
            kind: z.string(),
            tries: z.int(),
            dueAt: momentSchema.nullable(),
            givenUpAt: momentSchema.nullable(),
            error: z.string(),
            createdAt: momentSchema,
          })
          .openapi('OutboxMail'),
      ),
      next: z.string().nullable().describe('cursor of the next page'),
    }),
    'Newest first, without what they say',
  ),
});

const retryRoute = createRoute({
  method: 'post',
  path: '/system/mails/retry',
  summary: 'Try all mails that wait at once',
  responses: answers(z.object({ mails: z.int() }), 'How many were put forward'),
});

const confirmRestoreRoute = createRoute({
  method: 'post',
  path: '/system/confirm-restore',
  summary: 'Say that this restored panel is the one that goes on: providers are sent orders again',
  responses: answers(
    z.object({ doubted: z.int().describe('orders that are unknown because of the restore') }),
    'Confirmed',
  ),
});

/** What the panel runs on, and how it does. */
export function systemApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/system', requireArea('system'));
  api.use('/system/*', requireArea('system'));
  return api
    .openapi(factsRoute, async (c) => {
      const [facts, mails, state] = await Promise.all([
        readSystemFacts(ctx.db),
        countMails(ctx.db),
        readState(ctx),
      ]);
      const view = factsView(facts);
      const lastTaskAt =
        view.tasks
          .map(({ startedAt }) => startedAt)
          .sort()
          .at(-1) ?? null;
      return c.json(
        {
          ...view,
          mails: { mode: ctx.mailer.mode, ...mails },
          state: { ...state, lastTaskAt },
        },
        200,
      );
    })
    .openapi(mailsRoute, async (c) => {
      const { state, limit, cursor } = c.req.valid('query');
      const before = cursor === undefined ? undefined : parseId(cursor);
      if (cursor !== undefined && before === undefined) {
        throw new AppError('invalid_input', 'the cursor is the next of a page');
      }
      const page = { limit, ...(before !== undefined && { before }) };
      const rows = await listMails(ctx.db, state, page);
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const next = last === undefined ? null : String(last.id);
      return c.json({ rows: rows.map(mailView), next }, 200);
    })
    .openapi(retryRoute, async (c) => c.json({ mails: await retryMails(ctx, c.var.actor) }, 200))
    .openapi(confirmRestoreRoute, async (c) => c.json(await confirmRestore(ctx, c.var.actor), 200));
}

async function readState(ctx: AdminApiContext) {
  const [{ state, checks }, dispatch, backup] = await Promise.all([
    ctx.readiness.read(),
    readDispatchState(ctx.db, ctx.clock.now()),
    readLastBackup(ctx.db),
  ]);
  const { overdue, oldestDueAt, unknown, oldestUnknownAt, restoredFrom } = dispatch;
  const { moneyStops, stopped } = dispatch;
  return {
    ...{ state, checks, overdue, unknown, moneyStops, stopped },
    oldestDueAt: oldestDueAt?.toISOString() ?? null,
    oldestUnknownAt: oldestUnknownAt?.toISOString() ?? null,
    restoredFrom: restoredFrom?.toISOString() ?? null,
    backupAt: backup?.startedAt.toISOString() ?? null,
  };
}

function factsView(facts: SystemFacts): Omit<z.infer<typeof factsSchema>, 'mails'> {
  const { migration, databaseBytes, connections, tables, tasks, ...versions } = facts;
  return {
    ...versions,
    migration: migration.name,
    migratedAt: migration.appliedAt.toISOString(),
    databaseBytes: Number(databaseBytes),
    connectionsUsed: connections.used,
    connectionsMax: connections.max,
    tables: tables.map(({ name, bytes, rows }) => ({
      ...{ name, bytes: Number(bytes), rows: Number(rows) },
    })),
    tasks: tasks.map(({ startedAt, failedAt, ...task }) => ({
      ...task,
      startedAt: startedAt.toISOString(),
      failedAt: failedAt?.toISOString() ?? null,
    })),
  };
}

function mailView({ id, dueAt, givenUpAt, createdAt, ...mail }: OutboxMail) {
  return {
    ...mail,
    id: Number(id),
    dueAt: dueAt?.toISOString() ?? null,
    givenUpAt: givenUpAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
