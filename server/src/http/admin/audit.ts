import { createRoute, z } from '@hono/zod-openapi';
import { AppError, type CustomerId, parseId } from '../../base/index.ts';
import { type AuditAction, auditActions } from '../../db/index.ts';
import { listAudit, listAuditWords } from '../../system/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, createApi, momentSchema, pageQuery, smallIdSchema } from '../open-api.ts';

/** What is noted of, for the page that has words for each. */
export type { AuditAction };

const wordSchema = z.string().trim().min(1).max(200);
const changedSchema = z.record(z.string(), z.unknown()).nullable();

const listRoute = createRoute({
  method: 'get',
  path: '/audit',
  summary: 'Who changed what',
  request: {
    query: pageQuery.extend({
      actor: wordSchema.optional().describe('whole, such as staff:ann or customer:7'),
      action: wordSchema
        .optional()
        .describe('whole, such as key.create, or its beginning up to a dot, such as service.'),
      subject: wordSchema.optional().describe('whole, such as service:12'),
      customerId: smallIdSchema.optional(),
      from: momentSchema.optional(),
      to: momentSchema.optional().describe('before this moment'),
    }),
  },
  responses: answers(
    z.object({
      rows: z.array(
        z
          .object({
            id: z.int(),
            at: momentSchema,
            actor: z.string(),
            actorName: z.string().nullable().describe('the customer, where it was one'),
            action: z
              .string()
              .describe(`${auditActions.join(', ')}; of older releases also others`),
            subject: z.string(),
            subjectName: z.string().nullable().describe('what it is called now'),
            orderId: z.int().nullable().describe('which order it is about'),
            customerId: z.int().nullable(),
            before: changedSchema,
            after: changedSchema,
          })
          .openapi('AuditRow'),
      ),
      next: z.string().nullable().describe('cursor of the next page'),
    }),
    'Newest first',
  ),
});

const wordsRoute = createRoute({
  method: 'get',
  path: '/audit/words',
  summary: 'Actions there ever were, and who of staff and the system did them',
  responses: answers(
    z.object({ actions: z.array(z.string()), actors: z.array(z.string()) }),
    'What the log can be searched by',
  ),
});

/** Who changed what. */
export function auditApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/audit', requireArea('audit'));
  api.use('/audit/*', requireArea('audit'));
  return api
    .openapi(listRoute, async (c) => {
      const { cursor, limit, customerId, from, to, ...words } = c.req.valid('query');
      const before = toCursor(cursor);
      const { rows, next } = await listAudit(
        ctx.db,
        {
          ...words,
          ...(customerId !== undefined && { customerId: customerId as CustomerId }),
          ...(from !== undefined && { from: new Date(from) }),
          ...(to !== undefined && { to: new Date(to) }),
        },
        { limit, ...(before !== undefined && { before }) },
      );
      const views = rows.map((row) => ({
        ...row,
        id: Number(row.id),
        orderId: row.orderId === null ? null : Number(row.orderId),
        at: row.at.toISOString(),
      }));
      return c.json({ rows: views, next: next === null ? null : String(next) }, 200);
    })
    .openapi(wordsRoute, async (c) => c.json(await listAuditWords(ctx.db), 200));
}

/** @throws AppError `invalid_input` for a cursor that is none of ours */
function toCursor(cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined;
  const before = parseId(cursor);
  if (before === undefined) throw new AppError('invalid_input', 'the cursor is the next of a page');
  return before;
}
