import { createRoute, z } from '@hono/zod-openapi';
import { readVerifyRuns, startVerify, type VerifyRun } from '../../system/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, createApi, momentSchema } from '../open-api.ts';

const runSchema = z
  .object({
    id: z.int(),
    startedBy: z.string(),
    startedAt: momentSchema,
    state: z.enum(['running', 'finished', 'failed', 'interrupted']),
    done: z.int().describe('steps that began before the one under way'),
    total: z.int(),
    check: z.string().describe('what is looked at in the step under way'),
    finishedAt: momentSchema.nullable(),
    checked: z.array(z.object({ name: z.string(), count: z.int(), broken: z.int() })),
    broken: z.array(
      z.object({
        invariant: z.string(),
        check: z.string(),
        subject: z.string(),
        detail: z.string(),
      }),
    ),
    brokenCount: z.int().describe('at most 1,000 of them are listed, and 100 of each check'),
    failure: z.string(),
  })
  .openapi('VerifyRun');

const readRoute = createRoute({
  method: 'get',
  path: '/system/verify',
  summary: 'How far the verification under way is, and what the last one found',
  responses: answers(
    z.object({ running: runSchema.nullable(), last: runSchema.nullable() }),
    'null: there is none',
  ),
});

const startRoute = createRoute({
  method: 'post',
  path: '/system/verify',
  summary: 'Check every invariant of the books and orders, in the background; one at a time',
  responses: answers(z.object({ id: z.int() }), 'Its number'),
});

/** `verify` for staff who wait and look on. */
export function verifyApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/system/verify', requireArea('system'));
  return api
    .openapi(readRoute, async (c) => {
      const { running, last } = await readVerifyRuns(ctx.db, ctx.clock.now());
      return c.json({ running: running && runView(running), last: last && runView(last) }, 200);
    })
    .openapi(startRoute, async (c) => {
      const { isStopping } = ctx.readiness;
      const { id } = await startVerify(ctx, c.var.actor, { isStopping });
      return c.json({ id }, 200);
    });
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => a.localeCompare(b);

function runView(run: VerifyRun): z.infer<typeof runSchema> {
  const { startedAt, finishedAt, checked, broken, ...rest } = run;
  const rows = broken ?? [];
  return {
    ...rest,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    // As they are stored, short names come before long ones.
    checked: Object.entries(checked ?? {})
      .toSorted(byName)
      .map(([name, count]) => ({
        ...{ name, count },
        broken: rows.filter(({ check }) => check === name).length,
      })),
    broken: rows,
  };
}
