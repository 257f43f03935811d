import { sql } from 'kysely';
import { type Actor, AppError } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { changeCatalog } from './change.ts';
import { cleanSettings, type Language } from './settings-rules.ts';

/** What an operator sets once for the whole panel, but its logo. */
export type AllSettings = {
  /** Three capital letters; fixed once money has moved. */
  currency: string;
  showDescription: boolean;
  showAverageTime: boolean;
  name: string;
  tagline: string;
  /** What readers of Chinese see instead, as with the other texts below; empty: the same. */
  taglineZh: string;
  /** `#rrggbb`, in lower case. */
  accent: string;
  /** Offered to customers, at least one; the first is what a page begins with. */
  languages: Language[];
  /** Shown above every customer's page; empty for none. */
  announcement: string;
  announcementZh: string;
  /** Plain text that who signs up agrees to; empty for none. */
  terms: string;
  termsZh: string;
  contact: string;
  contactZh: string;
  isSignUpOpen: boolean;
  /** Whether the price list is shown to who has not signed in. */
  isPriceListPublic: boolean;
  /** API calls per second of customers without a limit of their own; null: the built-in one. */
  callsPerSecondDefault: number | null;
  /** Whether staff without a second factor reach nothing but their own account. */
  isSecondFactorRequired: boolean;
};

/** All settings as they are stored now. */
export async function readSettings(db: Db): Promise<AllSettings> {
  const query = selectSettings(db);
  return query.executeTakeFirstOrThrow();
}

/** The text that who signs up agrees to, and the same in Chinese; empty for none. */
export async function readTerms(db: Db): Promise<Pick<AllSettings, 'terms' | 'termsZh'>> {
  return db
    .selectFrom('settings')
    .select(['terms', 'terms_zh as termsZh'])
    .executeTakeFirstOrThrow();
}

/** Whether the currency may still be changed: no money has moved yet. */
export async function canChangeCurrency(db: Db): Promise<boolean> {
  const moved = await db.selectFrom('transfers').select('number').limit(1).executeTakeFirst();
  return moved === undefined;
}

/**
 * Changes what is set once for the whole panel; every process follows at once.
 * @throws AppError `not_allowed`, `invalid_input` with the setting's name as its detail, `conflict`
 *   for a new currency once money has moved
 */
export async function updateSettings(
  ctx: Ctx,
  actor: Actor,
  changes: Partial<AllSettings>,
): Promise<void> {
  requireStaff(actor, 'settings');
  const cleaned = cleanSettings(changes);
  const at = ctx.clock.now();
  await changeCatalog(ctx.db, async (tx) => {
    const before = await selectSettings(tx).forUpdate().executeTakeFirstOrThrow();
    const after = { ...before, ...cleaned };
    if (after.currency !== before.currency) await requireEmptyBooks(tx);
    await tx
      .updateTable('settings')
      .set({
        currency: after.currency,
        show_description: after.showDescription,
        show_average_time: after.showAverageTime,
        name: after.name,
        tagline: after.tagline,
        tagline_zh: after.taglineZh,
        accent: after.accent,
        languages: after.languages,
        announcement: after.announcement,
        announcement_zh: after.announcementZh,
        terms: after.terms,
        terms_zh: after.termsZh,
        contact: after.contact,
        contact_zh: after.contactZh,
        sign_up_open: after.isSignUpOpen,
        public_price_list: after.isPriceListPublic,
        calls_per_second_default: after.callsPerSecondDefault,
        staff_second_factor: after.isSecondFactorRequired,
      })
      .execute();
    await recordAudit(tx, {
      actor,
      action: 'settings.update',
      subject: 'settings',
      before: pick(before, cleaned),
      after: cleaned,
      at,
    });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

function selectSettings(db: Db) {
  return db
    .selectFrom('settings')
    .select(['currency', 'show_description as showDescription'])
    .select(['show_average_time as showAverageTime', 'name', 'tagline', 'accent'])
    .select((eb) => eb.ref('languages').$castTo<Language[]>().as('languages'))
    .select(['tagline_zh as taglineZh', 'announcement', 'announcement_zh as announcementZh'])
    .select(['terms', 'terms_zh as termsZh', 'contact', 'contact_zh as contactZh'])
    .select(['sign_up_open as isSignUpOpen', 'staff_second_factor as isSecondFactorRequired'])
    .select(['public_price_list as isPriceListPublic'])
    .select('calls_per_second_default as callsPerSecondDefault');
}

/** What was there before of what is changed: terms of 50 kB aren't kept for every other change. */
function pick(settings: AllSettings, changes: Partial<AllSettings>): Partial<AllSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in changes));
}

/**
 * The lock waits for money under way and holds up what comes next until the currency is committed:
 * every transfer writes its wallet, also a new customer's.
 */
async function requireEmptyBooks(tx: Tx): Promise<void> {
  await sql`lock table wallets in exclusive mode`.execute(tx);
  if (!(await canChangeCurrency(tx))) {
    throw new AppError('conflict', 'the currency cannot change once money has moved');
  }
}
