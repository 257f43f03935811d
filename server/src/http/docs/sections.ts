import { html } from 'hono/html';
import type { ServiceType } from '../../catalog/index.ts';
import { orderTypeOf, orderTypes } from '../../orders/index.ts';
import {
  type ActionName,
  actionCalls,
  actionNames,
  type CallDefinition,
  type CallId,
} from '../api-v2/definition.ts';
import { commandPanel, curlCommand, exampleOrder, replyPanel } from './examples.ts';
import { type Html, heading, inline, type PageView, paragraphs } from './markup.ts';
import { callTable, typeTable } from './parameters.ts';
import { callTexts, replyTexts } from './texts/calls.ts';
import { labels, prose } from './texts/page.ts';
import { dripFeedCharge, quantityTexts, typeTexts } from './texts/types.ts';

// In the order of the definition.
const serviceTypes = Object.keys(orderTypes) as ServiceType[]; // the table's own keys

/** Every call of every action, in the page's order. */
export function listCalls(): { action: ActionName; call: CallDefinition; id: CallId }[] {
  return actionNames.flatMap((action) =>
    actionCalls[action].map((call) => ({ action, call, id: call.id })),
  );
}

/** A section per call; `add` is followed by what its parameters need explained. */
export function callSections(view: PageView): Html {
  return html`${listCalls().map(
    ({ action, call, id }) => html`${callSection(view, { action, call, id })}
${action === 'add' ? [typeSection(view), addTopics(view)] : ''}`,
  )}`;
}

function callSection(
  view: PageView,
  { action, call, id }: { action: ActionName; call: CallDefinition; id: CallId },
): Html {
  const { title, lead } = callTexts[id];
  const replies = call.replies.map(({ of, body }) =>
    replyPanel((of === undefined ? labels.reply : replyTexts[of])[view.language], body),
  );
  return html`<section id="${id}" class="split">
<div class="about">${heading(2, id, title[view.language])}
${paragraphs(view, lead)}
${callTable(view, action, call)}</div>
<div class="shown">${commandPanel(view, curlCommand(view.apiUrl, action, call.request))}
${replies}</div>
</section>`;
}

function typeSection(view: PageView): Html {
  const { language } = view;
  return html`<section id="types">
${heading(2, 'types', labels.types[language])}
${paragraphs(view, prose.types)}
<div class="types">
<nav class="type-list" aria-label="${labels.serviceType[language]}">${serviceTypes.map(
    (type) => html`<a href="#${typeAnchor(type)}">${type}</a>\n`,
  )}</nav>
<div class="type-cards">${serviceTypes.map((type) => typeCard(view, type))}</div>
</div>
</section>`;
}

/** Where a service type stands on the page. */
function typeAnchor(type: ServiceType): string {
  return `add-${type.toLowerCase().replaceAll(' ', '-')}`;
}

function typeCard(view: PageView, type: ServiceType): Html {
  const { language } = view;
  const { quantity: source, optional } = orderTypeOf(type);
  const { quantity, charge } = quantityTexts[source.from];
  const request = { service: '1', ...exampleOrder(type) };
  const anchor = typeAnchor(type);
  return html`<article id="${anchor}" class="type">
${heading(3, anchor, type)}
<p>${inline(view, typeTexts[type])}</p>
${typeTable(view, type)}
<dl class="facts">
<div><dt>${labels.quantity[language]}</dt><dd>${inline(view, quantity)} ${
    source.from === 'lines' ? html`<code>${source.field}</code>` : ''
  }</dd></div>
<div><dt>${labels.charge[language]}</dt><dd>${charge[language]}${
    optional.includes('runs') ? dripFeedCharge[language] : ''
  }</dd></div>
</dl>
${commandPanel(view, curlCommand(view.apiUrl, 'add', request))}
</article>`;
}

function addTopics(view: PageView): Html {
  const { language, apiUrl } = view;
  const dripFeed = { service: '1', ...exampleOrder('Default', ['runs', 'interval']) };
  const subscription = { service: '1', ...exampleOrder('Subscriptions') };
  const repeatable = { service: '1', ...exampleOrder('Default'), request_id: 'order-2035-0001' };
  return html`<section id="drip-feed" class="split">
<div class="about">${heading(2, 'drip-feed', labels.dripFeed[language])}
${paragraphs(view, prose.dripFeed)}</div>
<div class="shown">${commandPanel(view, curlCommand(apiUrl, 'add', dripFeed))}</div>
</section>
<section id="subscriptions" class="split">
<div class="about">${heading(2, 'subscriptions', labels.subscriptions[language])}
${paragraphs(view, prose.subscriptions)}</div>
<div class="shown">${commandPanel(view, curlCommand(apiUrl, 'add', subscription))}</div>
</section>
<section id="retries" class="split">
<div class="about">${heading(2, 'retries', labels.retries[language])}
${paragraphs(view, prose.retries)}</div>
<div class="shown">${commandPanel(view, curlCommand(apiUrl, 'add', repeatable))}</div>
</section>`;
}
