import { html } from 'hono/html';
import { bodyBytesMax } from '../api-v2/body.ts';
import { paramsMax } from '../api-v2/params.ts';
import { refusals } from '../api-v2/refusals.ts';
import { keyPlaceholder, replyPanel } from './examples.ts';
import type { Text } from './language.ts';
import { type Html, heading, inline, type PageView, paragraphs, table } from './markup.ts';
import { labels, limitTexts, prose } from './texts/page.ts';
import { type RefusalDoc, refusalTexts, type WireCode } from './texts/refusals.ts';
import { orderStatusTexts, refillStatusTexts } from './texts/statuses.ts';

/** Statuses, limits, errors and the PHP example. */
export function referenceSections(view: PageView): Html {
  const { language } = view;
  const limits = {
    bodyBytes: bodyBytesMax.toLocaleString('en'),
    parameters: paramsMax.toLocaleString('en'),
  };
  return html`<section id="statuses">
${heading(2, 'statuses', labels.statuses[language])}
<h3>${labels.orderStatuses[language]}</h3>
${wordTable(view, orderStatusTexts)}
<h3>${labels.refillStatuses[language]}</h3>
${wordTable(view, refillStatusTexts)}
</section>
<section id="limits">
${heading(2, 'limits', labels.limits[language])}
<ul>${limitTexts(limits).map((text) => html`<li>${inline(view, text)}</li>\n`)}</ul>
</section>
<section id="errors">
${heading(2, 'errors', labels.errors[language])}
${paragraphs(view, prose.errors)}
${refusalTable(view)}
</section>
<section id="php" class="split">
<div class="about">${heading(2, 'php', labels.php[language])}
${paragraphs(view, prose.php)}
<p><a class="button" href="${view.prefix}/api/example.php" download="panel-api.php">${
    labels.download[language]
  }</a></p></div>
<div class="shown">${phpPanel(view)}</div>
</section>`;
}

function wordTable(view: PageView, texts: Readonly<Record<string, Text>>): Html {
  const rows = Object.entries(texts).map(([word, text]) => ({
    name: html`<code>${word}</code>`,
    about: inline(view, text),
  }));
  return table([labels.status[view.language], labels.description[view.language]], rows);
}

function refusalTable(view: PageView): Html {
  const codes = Object.keys(refusalTexts) as WireCode[]; // the table's own keys
  const rows = codes.map((code) => ({
    name: refusalNames(view, code),
    about: inline(view, refusalTexts[code].when),
  }));
  return table([labels.error[view.language], labels.when[view.language]], rows);
}

// No refusal has this character in its own words.
const gapMark = '\u0000';

function refusalNames(view: PageView, code: WireCode): Html {
  const { details, gap }: RefusalDoc = refusalTexts[code];
  const refusal: { text: (detail: string) => string; status?: number } = refusals[code];
  const { status = 200 } = refusal;
  const badge = status === 200 ? '' : html` <span class="must">HTTP ${status}</span>`;
  const texts = (details ?? [gapMark]).map((detail, index) => {
    const [before = '', after] = refusal.text(detail).split(gapMark);
    const blank = after === undefined ? '' : html`<var>${gap?.[view.language] ?? ''}</var>${after}`;
    return html`${index > 0 ? html`<br>` : ''}<code>${before}${blank}</code>`;
  });
  return html`${texts}${badge}`;
}

function phpPanel(view: PageView): Html {
  const code = `require 'panel-api.php';

$panel = new PanelApi(
    '${view.apiUrl}',
    '${keyPlaceholder}'
);
echo $panel->balance()['balance'];

$order = $panel->add([
    'service' => 1,
    'link' => 'https://example.com/post',
    'quantity' => 100,
    'request_id' => 'order-2035-0001',
]);
echo $panel->status($order)['status'];`;
  return html`<figure class="panel">
<figcaption>PHP<button type="button" class="copy" hidden>${labels.copy[view.language]}</button>
</figcaption>
<pre tabindex="0"><code>${code}</code></pre>
</figure>`;
}

/** How a refusal looks, for the introduction. */
export function refusalPanel(view: PageView): Html {
  return replyPanel(labels.errors[view.language], { error: refusals.incorrect_order.text('') });
}
