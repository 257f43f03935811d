import { html } from 'hono/html';
import type { Language, Text } from './language.ts';

export type Html = ReturnType<typeof html>;

/** The schemes that can be asked for. */
export const schemes = ['light', 'dark'] as const;

type Scheme = (typeof schemes)[number];

/** What every part of the page needs to know. */
export type PageView = {
  language: Language;
  /** The API's own address, `https://…/api/v2`. */
  apiUrl: string;
  /** The panel's name, as its operator calls it. */
  name: string;
  /** What was asked for; undefined: the reader's system says. */
  scheme: Scheme | undefined;
  /** Shown within the app, which has a header and a language switch of its own. */
  isFramed: boolean;
  /** What links to other parts of the panel begin with. */
  prefix: string;
  assets: { css: string; accent: string; js: string; icon: string };
};

/** A text in the page's language, its backquoted words as code. */
export function inline(view: PageView, text: Text): Html {
  const parts = text[view.language].split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A paragraph per text. */
export function paragraphs(view: PageView, texts: readonly Text[]): Html {
  return html`${texts.map((text) => html`<p>${inline(view, text)}</p>`)}`;
}

/** A heading that links to itself. */
export function heading(level: 2 | 3, id: string, text: string): Html {
  const link = html`<a class="anchor" href="#${id}">${text}</a>`;
  return level === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`;
}

/** A table of two columns that stacks on a phone. */
export function table(
  head: readonly [string, string],
  rows: readonly { name: Html; about: Html }[],
): Html {
  return html`<table>
<thead><tr><th scope="col">${head[0]}</th><th scope="col">${head[1]}</th></tr></thead>
<tbody>${rows.map(
    ({ name, about }) => html`<tr><th scope="row">${name}</th><td>${about}</td></tr>\n`,
  )}</tbody>
</table>`;
}
