import { sql } from 'kysely';
import type { Db } from '../db/index.ts';

/** How the panel shows itself to whoever comes, under the operator's own name. */
export type PanelFacts = {
  name: string;
  tagline: string;
  /** For readers of Chinese, as the other texts; empty: the same. */
  taglineZh: string;
  /** `#rrggbb`. */
  accent: string;
  /** Another one for every other logo; empty without one. */
  logoVersion: string;
  languages: readonly string[];
  announcement: string;
  announcementZh: string;
  contact: string;
  contactZh: string;
  hasTerms: boolean;
  isSignUpOpen: boolean;
  isPriceListPublic: boolean;
};

/** Reads what pages show of the panel; without the logo and the terms themselves. */
export async function readPanelFacts(db: Db): Promise<PanelFacts> {
  return db
    .selectFrom('settings')
    .select(['name', 'tagline', 'tagline_zh as taglineZh', 'accent', 'languages'])
    .select(['announcement', 'announcement_zh as announcementZh'])
    .select(['contact', 'contact_zh as contactZh'])
    .select(sql<string>`coalesce(left(md5(logo), 12), '')`.as('logoVersion'))
    .select(sql<boolean>`terms <> '' or terms_zh <> ''`.as('hasTerms'))
    .select(['sign_up_open as isSignUpOpen', 'public_price_list as isPriceListPublic'])
    .executeTakeFirstOrThrow();
}

/** The operator's logo, a picture of known type; null while there is none. */
export async function readLogo(
  db: Db,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | null> {
  const { logo, type } = await db
    .selectFrom('settings')
    .select(['logo', 'logo_type as type'])
    .executeTakeFirstOrThrow();
  return logo === null || type === null ? null : { bytes: new Uint8Array(logo), type };
}
