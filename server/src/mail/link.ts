import type { SealPlace } from '../base/index.ts';

/** What the link of a mail is sealed for: it opens in a mail to this address alone. */
export function linkPlace(to: string): SealPlace {
  return { purpose: 'panelwright mail links 1', boundTo: `panelwright:mail:${to}` };
}
