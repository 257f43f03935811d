import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../../base/index.ts';
import {
  createPasswordToken,
  inviteUser,
  passwordLink,
  readCustomerLogin,
  startActing,
} from '../../sign-in/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import { clientOf } from '../client.ts';
import { answers, answersNothing, createApi, takes } from '../open-api.ts';
import { customerOf, customerParams } from './customer-views.ts';

const linkSchema = z.object({
  link: z.string().describe('sets the password, once, within three days; shown this once'),
});
const description = 'Needs a fresh sign-in.';

const inviteRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/login',
  summary: 'Let somebody sign in for a customer for whom nobody does',
  description,
  request: {
    params: customerParams,
    body: takes(z.object({ email: z.string().max(254) })),
  },
  responses: answers(linkSchema, 'The link to give them'),
});

const passwordRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/password-link',
  summary: 'Make a link by which a customer sets a new password, where no mail reaches them',
  description,
  request: { params: customerParams },
  responses: answers(linkSchema, 'The link to give them'),
});

const actRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/act-as',
  summary: 'Act as a customer in this session, until POST /api/account/stop-acting',
  description: `${description} All that is done is audited as theirs by you.`,
  request: { params: customerParams },
  responses: answersNothing,
});

/** Who signs in for a customer; acting as them. */
export function customerLoginsApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  for (const path of ['login', 'password-link', 'act-as']) {
    api.use(`/customers/:customerId/${path}`, requireArea('customers'), requireFresh(ctx));
  }
  return api
    .openapi(inviteRoute, async (c) => {
      const owner = { customerId: customerOf(c.req.valid('param')) };
      const { email } = c.req.valid('json');
      const { token } = await inviteUser(ctx, c.var.actor, { owner, email });
      return c.json({ link: passwordLink(clientOf(c, ctx).origin, token) }, 200);
    })
    .openapi(passwordRoute, async (c) => {
      const customerId = customerOf(c.req.valid('param'));
      const login = await readCustomerLogin(ctx, customerId);
      if (login === undefined) {
        throw new AppError('not_found', `nobody signs in for customer ${customerId}`);
      }
      const { token } = await createPasswordToken(ctx, c.var.actor, { email: login.email });
      return c.json({ link: passwordLink(clientOf(c, ctx).origin, token) }, 200);
    })
    .openapi(actRoute, async (c) => {
      const { actor, signedIn } = c.var;
      const customerId = customerOf(c.req.valid('param'));
      await startActing(ctx, actor, { sessionId: signedIn.sessionId, customerId });
      return c.body(null, 204);
    });
}
