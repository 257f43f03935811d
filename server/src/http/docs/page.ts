import { html } from 'hono/html';
import { commandPanel, keyPlaceholder } from './examples.ts';
import { languages, languageTags } from './language.ts';
import { type Html, heading, type PageView, paragraphs } from './markup.ts';
import { referenceSections, refusalPanel } from './reference.ts';
import { callSections, listCalls } from './sections.ts';
import { callTexts } from './texts/calls.ts';
import { labels, prose } from './texts/page.ts';

/** The whole documentation page. */
export function renderPage(view: PageView): Html {
  const { language, name, scheme, isFramed, assets } = view;
  const title = `${labels.title[language]} · ${name}`;
  const marks = [
    scheme === undefined ? '' : html` data-scheme="${scheme}"`,
    isFramed ? html` data-framed` : '',
  ];
  return html`<!doctype html>
<html lang="${languageTags[language]}"${marks}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${scheme ?? 'light dark'}">
<meta name="description" content="${prose.intro[0][language]}">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="${assets.icon}">
<link rel="stylesheet" href="${assets.css}">
<link rel="stylesheet" href="${assets.accent}">
<script src="${assets.js}" defer></script>
</head>
<body data-copied="${labels.copied[language]}" data-copy-failed="${labels.copyFailed[language]}"
  data-type-label="${labels.serviceType[language]}">
<a class="skip" href="#content">${labels.skip[language]}</a>
${isFramed ? '' : topBar(view)}
<div class="frame">
${sideNavigation(view)}
<main id="content" tabindex="-1">
${introduction(view)}
${callSections(view)}
${referenceSections(view)}
</main>
</div>
<p class="announcer" role="status"></p>
</body>
</html>
`;
}

const languageNames = { en: 'English', zh: '中文' } as const;

function topBar(view: PageView): Html {
  const { language, name } = view;
  const links = languages.map((other) => {
    const tag = languageTags[other];
    return other === language
      ? html`<span lang="${tag}" aria-current="true">${languageNames[other]}</span>`
      : html`<a href="?lang=${other}" lang="${tag}" hreflang="${tag}" rel="alternate">${
          languageNames[other]
        }</a>`;
  });
  return html`<header class="bar">
<a class="brand" href="#content"><b>${name}</b><span>API v2</span></a>
<nav class="languages" aria-label="${labels.switchLanguage[language]}">${links}</nav>
</header>`;
}

function sideNavigation(view: PageView): Html {
  const { language } = view;
  const calls = listCalls().flatMap(({ action, id }) => [
    { id: id as string, text: callTexts[id].short[language], isPart: false },
    ...(action === 'add' ? addLinks(view) : []),
  ]);
  const groups = [
    { title: labels.start[language], links: linksTo(view, ['overview']) },
    { title: labels.actions[language], links: calls },
    {
      title: labels.reference[language],
      links: linksTo(view, ['statuses', 'limits', 'errors', 'php']),
    },
  ];
  return html`<nav class="side" aria-label="${labels.contents[language]}">${groups.map(
    ({ title, links }) =>
      html`<div><p>${title}</p><ul>${links.map(
        ({ id, text, isPart }) =>
          html`<li${isPart ? html` class="part"` : ''}><a href="#${id}">${text}</a></li>`,
      )}</ul></div>\n`,
  )}</nav>`;
}

function linksTo({ language }: PageView, ids: readonly (keyof typeof labels)[]) {
  return ids.map((id) => ({ id: id as string, text: labels[id][language], isPart: false }));
}

function addLinks({ language }: PageView) {
  return [
    { id: 'types', text: labels.typeShort[language], isPart: true },
    { id: 'drip-feed', text: labels.dripFeed[language], isPart: true },
    { id: 'subscriptions', text: labels.subscriptions[language], isPart: true },
    { id: 'retries', text: labels.retries[language], isPart: true },
  ];
}

function introduction(view: PageView): Html {
  const { language, apiUrl } = view;
  const copyButton = html`<button type="button" class="copy" hidden>${
    labels.copy[language]
  }</button>`;
  return html`<section id="overview">
<h1>${labels.title[language]}</h1>
<div class="lead">${paragraphs(view, prose.intro)}</div>
<dl class="facts">
<div><dt>${labels.method[language]}</dt><dd><code>POST</code></dd></div>
<div class="copied"><dt>${labels.url[language]}</dt>
<dd><code>${apiUrl}</code>${copyButton}</dd></div>
<div><dt>${labels.format[language]}</dt><dd><code>JSON</code></dd></div>
</dl>
<div class="split">
<div class="about">${heading(3, 'overview', labels.authentication[language])}
${paragraphs(view, prose.authentication)}
<h3>${labels.requests[language]}</h3>
${paragraphs(view, prose.requests)}
<h3>${labels.replies[language]}</h3>
${paragraphs(view, prose.replies)}</div>
<div class="shown">${headerPanels(view)}${refusalPanel(view)}</div>
</div>
</section>`;
}

/** The key in a header instead of the body, with a form and with JSON. */
function headerPanels(view: PageView): Html {
  const form = `curl ${view.apiUrl} \\
  -H 'X-Api-Key: ${keyPlaceholder}' \\
  -d action=balance`;
  const json = `curl ${view.apiUrl} \\
  -H 'Authorization: Bearer ${keyPlaceholder}' \\
  -H 'Content-Type: application/json' \\
  -d '{"action":"balance"}'`;
  return html`${[form, json].map((command) => commandPanel(view, command))}`;
}
