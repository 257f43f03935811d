import { createRoute, z } from '@hono/zod-openapi';
import { AppError, formatAmount, parseAmount, type StaffId, staffAreas } from '../../base/index.ts';
import {
  createPasswordToken,
  endStaffSessions,
  inviteStaff,
  inviteUser,
  listStaffLogins,
  passwordLink,
  resetFactors,
  type StaffLogin,
} from '../../sign-in/index.ts';
import { listStaff, type StaffMember, updateStaff } from '../../staff/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import { clientOf } from '../client.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  momentSchema,
  smallIdSchema,
  takes,
} from '../open-api.ts';

const areaSchema = z.enum(staffAreas);
const limitSchema = amountSchema
  .nullable()
  .describe('what they may give to customers a day (UTC); null: as much as they like');
const emailSchema = z.string().max(254);
const params = z.object({ staffId: smallIdSchema });
const description = 'Needs a fresh sign-in. Nobody gives what they do not have themselves.';
const linkSchema = z.object({
  link: z.string().describe('sets the password, once, within three days; shown this once'),
});

const memberSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    areas: z.array(areaSchema),
    dailyLimit: limitSchema,
    createdAt: momentSchema,
    login: z
      .object({
        email: z.string(),
        hasPassword: z.boolean().describe('false until the invitation is followed'),
        hasTwoFactor: z.boolean(),
        passkeys: z.int(),
        sessions: z.int(),
        lastSignInAt: momentSchema.nullable(),
      })
      .nullable()
      .describe('null: nobody signs in as them'),
  })
  .openapi('StaffMember');

const listRoute = createRoute({
  method: 'get',
  path: '/staff',
  summary: 'All who work or worked for the panel, oldest first',
  responses: answers(
    z.object({ self: z.int().describe('who asks'), members: z.array(memberSchema) }),
    'Members of staff with their logins',
  ),
});

const addRoute = createRoute({
  method: 'post',
  path: '/staff',
  summary: 'Add a member of staff and invite them',
  description,
  request: {
    body: takes(
      z.object({
        name: z.string().max(100).describe('as it stands in the audit log, for ever'),
        email: emailSchema,
        areas: z.array(areaSchema),
        dailyLimit: limitSchema,
      }),
    ),
  },
  responses: answers(linkSchema.extend({ id: z.int() }), 'Their number, and the link to give them'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/staff/{staffId}',
  summary: 'Change what a member of staff may do, or suspend or reactivate them',
  description,
  request: {
    params,
    body: takes(
      z.object({
        areas: z.array(areaSchema).optional(),
        dailyLimit: limitSchema.optional(),
        status: z.enum(['active', 'suspended']).optional(),
      }),
    ),
  },
  responses: answersNothing,
});

const inviteRoute = createRoute({
  method: 'post',
  path: '/staff/{staffId}/login',
  summary: 'Let a member of staff sign in who could not so far',
  description,
  request: { params, body: takes(z.object({ email: emailSchema })) },
  responses: answers(linkSchema, 'The link to give them'),
});

const passwordRoute = createRoute({
  method: 'post',
  path: '/staff/{staffId}/password-link',
  summary: 'Make a link by which a member of staff sets a new password',
  description,
  request: { params },
  responses: answers(linkSchema, 'The link to give them'),
});

const sessionsRoute = createRoute({
  method: 'delete',
  path: '/staff/{staffId}/sessions',
  summary: 'Sign a member of staff out everywhere',
  request: { params },
  responses: answers(z.object({ ended: z.int() }), 'How many sessions ended'),
});

const factorsRoute = createRoute({
  method: 'delete',
  path: '/staff/{staffId}/second-factors',
  summary: 'Take away TOTP and passkeys that somebody lost, and sign them out',
  description,
  request: { params },
  responses: answersNothing,
});

/** Who works for the panel, what they may do, how they come in. */
export function staffApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/staff', requireArea('staff'));
  api.use('/staff/*', requireArea('staff'));
  api.on(['POST', 'PATCH'], ['/staff', '/staff/*'], requireFresh(ctx));
  api.on('DELETE', '/staff/:staffId/second-factors', requireFresh(ctx));
  return api
    .openapi(listRoute, async (c) => {
      const [members, logins] = await Promise.all([listStaff(ctx.db), listStaffLogins(ctx)]);
      const byStaff = new Map(logins.map((login) => [login.staffId, login]));
      const views = members.map((member) => memberView(member, byStaff.get(member.id)));
      return c.json({ self: c.var.signedIn.staff?.staffId ?? 0, members: views }, 200);
    })
    .openapi(addRoute, async (c) => {
      const { dailyLimit, ...rest } = c.req.valid('json');
      const input = { ...rest, dailyLimit: toLimit(dailyLimit) };
      const { staffId, token } = await inviteStaff(ctx, c.var.actor, input);
      return c.json({ id: staffId, link: passwordLink(clientOf(c, ctx).origin, token) }, 200);
    })
    .openapi(updateRoute, async (c) => {
      const { dailyLimit, areas, status } = c.req.valid('json');
      const changes = {
        ...(areas && { areas }),
        ...(status && { status }),
        ...(dailyLimit !== undefined && { dailyLimit: toLimit(dailyLimit) }),
      };
      const staffId = staffOf(c.req.valid('param'));
      await updateStaff(ctx, c.var.actor, { staffId, changes });
      return c.body(null, 204);
    })
    .openapi(inviteRoute, async (c) => {
      const owner = { staffId: staffOf(c.req.valid('param')) };
      const { email } = c.req.valid('json');
      const { token } = await inviteUser(ctx, c.var.actor, { owner, email });
      return c.json({ link: passwordLink(clientOf(c, ctx).origin, token) }, 200);
    })
    .openapi(passwordRoute, async (c) => {
      const staffId = staffOf(c.req.valid('param'));
      const login = (await listStaffLogins(ctx)).find((each) => each.staffId === staffId);
      if (login === undefined) throw new AppError('not_found', `nobody signs in as ${staffId}`);
      const { token } = await createPasswordToken(ctx, c.var.actor, { email: login.email });
      return c.json({ link: passwordLink(clientOf(c, ctx).origin, token) }, 200);
    })
    .openapi(sessionsRoute, async (c) => {
      const staffId = staffOf(c.req.valid('param'));
      return c.json({ ended: await endStaffSessions(ctx, c.var.actor, { staffId }) }, 200);
    })
    .openapi(factorsRoute, async (c) => {
      await resetFactors(ctx, c.var.actor, { staffId: staffOf(c.req.valid('param')) });
      return c.body(null, 204);
    });
}

function staffOf({ staffId }: z.infer<typeof params>): StaffId {
  return staffId as StaffId; // the branded type says no more than the schema has checked
}

function toLimit(text: string | null) {
  return text === null ? null : parseAmount(text, 'dailyLimit');
}

function memberView(
  { dailyLimit, createdAt, ...member }: StaffMember,
  login: StaffLogin | undefined,
): z.infer<typeof memberSchema> {
  return {
    ...member,
    dailyLimit: dailyLimit === null ? null : formatAmount(dailyLimit),
    createdAt: createdAt.toISOString(),
    login: login === undefined ? null : loginView(login),
  };
}

function loginView({ staffId: _, lastSignInAt, ...login }: StaffLogin) {
  return { ...login, lastSignInAt: lastSignInAt?.toISOString() ?? null };
}
