import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../../base/index.ts';
import { readTerms } from '../../catalog/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { answers, createApi } from '../open-api.ts';

const termsRoute = createRoute({
  method: 'get',
  path: '/terms',
  summary: 'The terms of the panel, for everybody',
  security: [],
  responses: answers(
    z.object({ text: z.string(), textZh: z.string() }),
    'Plain text; one of them may be empty',
  ),
});

/** What who signs up agrees to. Nobody needs to be signed in for it. */
export function termsApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(termsRoute, async (c) => {
    const { terms: text, termsZh: textZh } = await readTerms(ctx.db);
    if (text === '' && textZh === '') throw new AppError('not_found', 'this panel has no terms');
    c.header('Cache-Control', 'no-cache');
    return c.json({ text, textZh }, 200);
  });
}
