import { createRoute, z } from '@hono/zod-openapi';
import { type CustomerId, formatAmount } from '../../base/index.ts';
import { notificationKinds, type Profile } from '../../customers/index.ts';
import type { SignedIn } from '../../sign-in/index.ts';
import type { CustomerApiContext } from '../access.ts';
import { amountSchema, answers, createApi } from '../open-api.ts';

const panelSchema = z
  .object({
    name: z.string(),
    tagline: z.string(),
    taglineZh: z.string().describe('for readers of Chinese, as with other texts; empty: the same'),
    accent: z.string().openapi({ example: '#2f6f5e' }),
    logoVersion: z.string().describe('changes with the logo at /logo'),
    currency: z.string(),
    languages: z.array(z.string()),
    announcement: z.string(),
    announcementZh: z.string(),
    contact: z.string(),
    contactZh: z.string(),
    hasTerms: z.boolean(),
    isSignUpOpen: z.boolean(),
    isPriceListPublic: z.boolean(),
  })
  .openapi('Panel');

const customerSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    balance: amountSchema,
    creditLimit: amountSchema,
    language: z.enum(['en', 'zh-CN']),
    timeZone: z.string(),
    notifications: z.array(z.enum(notificationKinds)),
  })
  .openapi('Customer');

const sessionSchema = z.object({
  panel: panelSchema,
  signedIn: z
    .object({
      email: z.string(),
      isEmailConfirmed: z.boolean(),
      hasTwoFactor: z.boolean(),
      customer: customerSchema.nullable(),
      staff: z
        .object({
          name: z.string(),
          areas: z.array(z.string()),
          missingFactor: z
            .enum(['none', 'passkey'])
            .nullable()
            .describe(
              'why they reach their account only: no second factor, or not signed in by it',
            ),
          dailyLimit: amountSchema
            .nullable()
            .describe('what they may give to customers a day; null: no limit'),
        })
        .nullable(),
      isActing: z.boolean().describe('whether this is staff who act as the customer'),
    })
    .nullable(),
});
type Session = z.infer<typeof sessionSchema>;

const sessionRoute = createRoute({
  method: 'get',
  path: '/session',
  summary: 'The panel, and who is signed in',
  security: [],
  responses: answers(sessionSchema, 'signedIn is null for everybody else'),
});

/** What every page begins with. Nobody needs to be signed in for it. */
export function sessionApi(ctx: CustomerApiContext) {
  return createApi().openapi(sessionRoute, async (c) => {
    const signedIn = await ctx.signIn.readSignedIn(c.req.raw.headers);
    if (signedIn === null) ctx.signIn.prepare();
    c.header('Cache-Control', 'no-store');
    return c.json(
      { panel: panelView(ctx), signedIn: signedIn && (await view(ctx, signedIn)) },
      200,
    );
  });
}

function panelView(ctx: CustomerApiContext): Session['panel'] {
  const { panel, settings } = ctx.catalog.current();
  return { ...panel, languages: [...panel.languages], currency: settings.currency };
}

async function view(ctx: CustomerApiContext, signedIn: SignedIn): Promise<Session['signedIn']> {
  const { user, staff, actor } = signedIn;
  const dailyLimit = staff?.dailyLimit ?? null;
  return {
    email: user.email,
    isEmailConfirmed: user.emailConfirmed,
    hasTwoFactor: user.twoFactor,
    customer: actor.kind === 'customer' ? await readCustomer(ctx, actor.customerId) : null,
    staff: staff && {
      name: staff.name,
      areas: [...staff.areas],
      missingFactor: staff.missingFactor,
      dailyLimit: dailyLimit === null ? null : formatAmount(dailyLimit),
    },
    isActing: actor.kind === 'customer' && actor.actingStaff !== undefined,
  };
}

async function readCustomer(ctx: CustomerApiContext, customerId: CustomerId) {
  const row = await ctx.db
    .selectFrom('customers as c')
    .innerJoin('wallets as w', 'w.customer_id', 'c.id')
    .select(['c.id', 'c.name', 'c.status', 'w.balance', 'w.credit_limit as creditLimit'])
    .select(['c.language', 'c.time_zone as timeZone', 'c.notifications'])
    .where('c.id', '=', customerId)
    .executeTakeFirstOrThrow();
  const [balance, creditLimit] = [formatAmount(row.balance), formatAmount(row.creditLimit)];
  // The column's check admits these kinds only.
  const notifications = row.notifications as Profile['notifications'][number][];
  return { ...row, balance, creditLimit, notifications };
}
