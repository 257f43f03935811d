import { createRoute, z } from '@hono/zod-openapi';
import {
  blockLink,
  canChangeCurrency,
  listBlockedLinks,
  readSettings,
  setLogo,
  unblockLink,
  updateSettings,
} from '../../catalog/index.ts';
import { testMail } from '../../system/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { answers, answersNothing, createApi, takes } from '../open-api.ts';

const languageSchema = z.enum(['en', 'zh-CN']);
const zh = 'for readers of Chinese; empty: the same as the other';

const settingsBody = z
  .object({
    currency: z.string().describe('three capital letters; fixed once money has moved'),
    showDescription: z.boolean().describe('in the list of services of the panel API'),
    showAverageTime: z.boolean().describe('in the list of services of the panel API'),
    name: z.string(),
    tagline: z.string(),
    taglineZh: z.string().describe(zh),
    accent: z.string().openapi({ example: '#2f6f5e' }),
    languages: z.array(languageSchema).describe('the first is what a page begins with'),
    announcement: z.string().describe("above every page of customers; empty: there's none"),
    announcementZh: z.string().describe(zh),
    terms: z.string().describe("what who signs up agrees to; empty: there's none"),
    termsZh: z.string().describe(zh),
    contact: z.string(),
    contactZh: z.string().describe(zh),
    isSignUpOpen: z.boolean(),
    isPriceListPublic: z.boolean(),
    callsPerSecondDefault: z
      .int()
      .nullable()
      .describe('API calls of customers without a limit of their own; null: the built-in one'),
    isSecondFactorRequired: z
      .boolean()
      .describe('staff without TOTP or a passkey reach nothing but their own account'),
  })
  .openapi('Settings');

const readRoute = createRoute({
  method: 'get',
  path: '/settings',
  summary: 'What is set for the whole panel',
  responses: answers(
    settingsBody.extend({
      logoVersion: z.string().describe('empty: there is no logo'),
      canChangeCurrency: z.boolean(),
      mailMode: z
        .enum(['smtp', 'log', 'keep'])
        .describe('log: written to the log for developers; keep: they wait until SMTP_URL is set'),
    }),
    'All settings',
  ),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/settings',
  summary: 'Change settings; the others stay',
  request: { body: takes(settingsBody.partial()) },
  responses: answersNothing,
});

const logoRoute = createRoute({
  method: 'put',
  path: '/settings/logo',
  summary: 'Set the logo: a PNG, WebP or JPEG picture of at most 200,000 bytes',
  request: { body: takes(z.object({ picture: z.base64().min(1).max(1_000_000) })) },
  responses: answersNothing,
});

const noLogoRoute = createRoute({
  method: 'delete',
  path: '/settings/logo',
  summary: "Go back to the panel's own mark",
  responses: answersNothing,
});

const linksRoute = createRoute({
  method: 'get',
  path: '/settings/blocked-links',
  summary: 'Texts that no link may contain, by alphabet',
  responses: answers(z.object({ links: z.array(z.string()) }), 'At most 10,000'),
});

const blockRoute = createRoute({
  method: 'post',
  path: '/settings/blocked-links',
  summary: 'Refuse every link that contains this text, in any case',
  request: { body: takes(z.object({ text: z.string().min(1).max(200) })) },
  responses: answersNothing,
});

const unblockRoute = createRoute({
  method: 'delete',
  path: '/settings/blocked-links',
  summary: 'Take a text off the block list',
  request: { query: z.object({ text: z.string().min(1).max(200) }) },
  responses: answersNothing,
});

const testMailRoute = createRoute({
  method: 'post',
  path: '/settings/test-mail',
  summary: 'Try the SMTP server with a mail to yourself',
  request: { body: takes(z.object({ language: languageSchema })) },
  responses: answers(
    z.object({ to: z.string(), failure: z.string().nullable().describe('null: it was taken') }),
    'What the SMTP server said',
  ),
});

/** What the operator sets once for the whole panel. */
export function settingsApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/settings', requireArea('settings'));
  api.use('/settings/*', requireArea('settings'));
  return api
    .openapi(readRoute, async (c) => {
      const [settings, isCurrencyFree] = await Promise.all([
        readSettings(ctx.db),
        canChangeCurrency(ctx.db),
      ]);
      const { logoVersion } = ctx.catalog.current().panel;
      const mailMode = ctx.mailer.mode;
      return c.json({ ...settings, logoVersion, canChangeCurrency: isCurrencyFree, mailMode }, 200);
    })
    .openapi(updateRoute, async (c) => {
      const given = Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined);
      await updateSettings(ctx, c.var.actor, Object.fromEntries(given));
      await ctx.catalog.refresh();
      return c.body(null, 204);
    })
    .openapi(logoRoute, async (c) => {
      const bytes = Uint8Array.from(Buffer.from(c.req.valid('json').picture, 'base64'));
      await setLogo(ctx, c.var.actor, bytes);
      await ctx.catalog.refresh();
      return c.body(null, 204);
    })
    .openapi(noLogoRoute, async (c) => {
      await setLogo(ctx, c.var.actor, null);
      await ctx.catalog.refresh();
      return c.body(null, 204);
    })
    .openapi(linksRoute, async (c) => c.json({ links: await listBlockedLinks(ctx.db) }, 200))
    .openapi(blockRoute, async (c) => {
      await blockLink(ctx, c.var.actor, c.req.valid('json').text);
      return c.body(null, 204);
    })
    .openapi(unblockRoute, async (c) => {
      await unblockLink(ctx, c.var.actor, c.req.valid('query').text);
      return c.body(null, 204);
    })
    .openapi(testMailRoute, async (c) => {
      const { email: to } = c.var.signedIn.user;
      const failure = await testMail(ctx, c.var.actor, { to, ...c.req.valid('json') });
      return c.json({ to, failure }, 200);
    });
}
