import { createRoute, z } from '@hono/zod-openapi';
import { notificationKinds, updateProfile } from '../../customers/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { answersNothing, createApi, takes } from '../open-api.ts';

const profileRoute = createRoute({
  method: 'patch',
  path: '/profile',
  summary: 'Set your language, time zone, and what is mailed to you',
  request: {
    body: takes(
      z.object({
        language: z.enum(['en', 'zh-CN']).optional(),
        timeZone: z.string().min(1).max(60).optional(),
        notifications: z.array(z.enum(notificationKinds)).max(notificationKinds.length).optional(),
      }),
    ),
  },
  responses: answersNothing,
});

/** What customers set for themselves. */
export function profileApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(profileRoute, async (c) => {
    await updateProfile(ctx, c.var.actor, c.req.valid('json'));
    return c.body(null, 204);
  });
}
