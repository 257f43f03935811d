import { html } from 'hono/html';
import type { ServiceType } from '../../catalog/index.ts';
import { type FieldName, orderTypeOf } from '../../orders/index.ts';
import { exampleOptions, exampleValues } from '../api-v2/definition.ts';
import type { Html, PageView } from './markup.ts';
import { labels } from './texts/page.ts';

const unquoted = /^[A-Za-z0-9_.,-]+$/;
/** Stands for the reader's own key in every example. */
export const keyPlaceholder = 'YOUR_API_KEY';

/** A shell command that makes a call. A list's line breaks stand in the quotes as they are. */
export function curlCommand(
  apiUrl: string,
  action: string,
  request: Record<string, string>,
): string {
  const fields = Object.entries({ key: keyPlaceholder, action, ...request });
  const options = fields.map(([name, value]) =>
    unquoted.test(value)
      ? `-d ${name}=${value}`
      : `--data-urlencode ${shellQuote(`${name}=${value}`)}`,
  );
  return [`curl ${apiUrl}`, ...options].join(' \\\n  ');
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** An order of a type with all that it requires, as the server takes it. */
export function exampleOrder(
  type: ServiceType,
  options: readonly FieldName[] = exampleOptions[type] ?? [],
): Record<string, string> {
  const { required, optional } = orderTypeOf(type);
  const names = [...required, ...optional.filter((name) => options.includes(name))];
  return Object.fromEntries(names.map((name) => [name, exampleValues[name]]));
}

/** A panel with a command to copy. The button waits for the script that makes it work. */
export function commandPanel(view: PageView, command: string): Html {
  const { language } = view;
  return html`<figure class="panel">
<figcaption>${labels.request[language]}<button type="button" class="copy" hidden>
${labels.copy[language]}</button></figcaption>
<pre tabindex="0"><code>${command.split(/('[^']*')/).map(paintShell)}</code></pre>
</figure>`;
}

function paintShell(part: string, index: number): Html | string {
  return index % 2 === 1 ? html`<span class="s">${part}</span>` : part;
}

/** A panel with a reply, set over several lines; its keys keep their order. */
export function replyPanel(title: string, body: unknown): Html {
  return html`<figure class="panel reply">
<figcaption>${title}</figcaption>
<pre tabindex="0"><code>${paintJson(printJson(body, ''))}</code></pre>
</figure>`;
}

// What fits the panel beside the text without scrolling.
const jsonLineMax = 46;

/** Like `JSON.stringify` with an indent of 2, but inner values that fit a line stay on one. */
function printJson(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const isList = Array.isArray(value);
  const items = Object.entries(value).map(([name, item]) => {
    const label = isList ? '' : `${JSON.stringify(name)}: `;
    return label + printJson(item, deeper);
  });
  const [open, close] = isList ? '[]' : '{}';
  const gap = isList ? '' : ' ';
  const line = `${open}${gap}${items.join(', ')}${gap}${close}`;
  const isShort = indent !== '' && line.length + indent.length <= jsonLineMax;
  if (isShort && !line.includes('\n')) return line;
  return `${open}\n${deeper}${items.join(`,\n${deeper}`)}\n${indent}${close}`;
}

const jsonToken = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?[0-9.]+)\b/g;

function paintJson(text: string): (Html | string)[] {
  const painted: (Html | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(jsonToken)) {
    const [token, string, colon = ''] = match;
    painted.push(text.slice(end, match.index));
    end = match.index + token.length;
    if (string === undefined) painted.push(html`<span class="n">${token}</span>`);
    else painted.push(html`<span class="${colon === '' ? 's' : 'k'}">${string}</span>`, colon);
  }
  painted.push(text.slice(end));
  return painted;
}
