import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, Env } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ZodType } from 'zod';
import { AppError, type ErrorCode, type Log, parseId } from '../base/index.ts';

/** How the customer and admin APIs answer a refusal, by its code. */
const statuses: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  invalid_input: 400,
  not_found: 404,
  not_allowed: 403,
  conflict: 409,
  gateway_unavailable: 503,
  incorrect_request: 400,
  invalid_key: 401,
  not_signed_in: 401,
  confirm_first: 403,
  second_factor_required: 403,
  customer_suspended: 403,
  money_stopped: 409,
  incorrect_service: 400,
  unknown_service: 400,
  incorrect_line: 400,
  bad_link: 400,
  incorrect_quantity: 400,
  quantity_below_min: 400,
  quantity_above_max: 400,
  incorrect_field: 400,
  active_order_with_link: 409,
  insufficient_funds: 409,
  request_id_reused: 409,
  incorrect_order: 404,
  refill_not_found: 404,
  refill_disabled: 409,
  order_not_completed: 409,
  refill_too_early: 409,
  refill_running: 409,
  refill_window_over: 409,
  cancel_disabled: 409,
  cancel_already_requested: 409,
  order_already_final: 409,
  too_many_ids: 400,
  too_many_parameters: 400,
  body_too_large: 413,
  rate_limited: 429,
  overloaded: 503,
};

/** What every refusal of these APIs looks like. */
const problemSchema = z
  .object({
    error: z.object({
      code: z.string().openapi({ example: 'insufficient_funds' }),
      /** A minimum, a field's name: what the words for this code need. */
      detail: z.string(),
      /** For whoever writes a program; the app has words of its own for each code. */
      message: z.string(),
      fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    }),
  })
  .openapi('Problem');
type Problem = z.infer<typeof problemSchema>;

/** Why one of several was refused: the code and what the words for it need. */
export const refusalSchema = z
  .object({ code: z.string().openapi({ example: 'insufficient_funds' }), detail: z.string() })
  .openapi('Refusal');

/** A refusal of one of several, as `refusalSchema` has it. */
export function viewRefusal({ code, detail }: AppError): z.infer<typeof refusalSchema> {
  return { code, detail };
}

/** A router whose bad input is answered as a problem that names each field. */
export function createApi<E extends Env>(): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const fields = result.error.issues.map(({ path, message }) => ({
        path: path.join('.'),
        message,
      }));
      const [first] = fields;
      const error = {
        code: 'invalid_input',
        detail: first?.path ?? '',
        message: fields.map(({ path, message }) => `${path}: ${message}`).join('; '),
        fields,
      };
      return c.json({ error } satisfies Problem, 400);
    },
  });
}

/** The answer to what a handler threw. What is no refusal is logged, and told to nobody. */
export function answerError(c: Context, error: unknown, log: Log): Response {
  if (error instanceof AppError) {
    const { code, detail, message } = error;
    if (code === 'not_allowed') log.info({ path: c.req.path, reason: message }, 'not allowed');
    return c.json({ error: { code, detail, message } } satisfies Problem, statuses[code]);
  }
  // The router's own word for a body that is no JSON.
  if (error instanceof HTTPException && error.status === 400) {
    return answerError(c, new AppError('incorrect_request', 'the body is no JSON'), log);
  }
  log.error({ error, path: c.req.path }, 'a request failed');
  const problem = { code: 'failed', detail: '', message: 'The server could not do this' };
  return c.json({ error: problem } satisfies Problem, 500);
}

/** The `responses` of a route that answers with JSON. */
export function answers<S extends ZodType>(schema: S, description: string) {
  return { 200: { description, content: { 'application/json': { schema } } } };
}

/** The `responses` of a route that answers with nothing. */
export const answersNothing = { 204: { description: 'Done' } } as const;

/** The `request.body` of a route that takes JSON. */
export function takes<S extends ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** An exact amount of the panel's currency, such as `12.50`. */
export const amountSchema = z.string().openapi({ example: '12.50' });

/** A moment, ISO 8601 in UTC. */
export const momentSchema = z.iso.datetime();

/** Id of a small table, in a path. */
export const smallIdSchema = z.coerce.number().int().min(1).max(2_147_483_647);

/** The size of a page and where it begins; `cursor` is the `next` of the page before. */
export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** @throws AppError `invalid_input` for a cursor that is none of ours */
export function readCursor(cursor: string): bigint {
  const number = parseId(cursor);
  if (number !== undefined) return number;
  throw new AppError('invalid_input', 'no such page', { detail: 'cursor' });
}
