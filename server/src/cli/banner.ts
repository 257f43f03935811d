import type { Demo } from '../runtime/index.ts';

/** What a server tells when it is up. */
export type Banner = {
  /** Where it answers on this machine; null for a worker. */
  url: string | null;
  publicUrl: string | null;
  /** The demo that was seeded at this start, with the customer's key. */
  demo: Demo | null;
  /** Some customer, for whom a hint can be printed. */
  customerId: number | null;
  /** What has to stand before a command so that it finds this panel. */
  environment: string;
};

/** The banner for programs. */
export function bannerJson(banner: Banner) {
  const { url, publicUrl, demo } = banner;
  return {
    url,
    publicUrl,
    apiUrl: url === null ? null : `${url}/api/v2`,
    documentationUrl: url === null ? null : `${url}/api`,
    demo,
  };
}

/** The banner for people, with lines to paste into another terminal in the same folder. */
export function describeBanner(banner: Banner): string {
  const { url, publicUrl, demo } = banner;
  if (url === null) return 'Panelwright works on what falls due. Ctrl-C stops it.';
  const lines = [
    `Panelwright is running at ${url}  (Ctrl-C stops it)`,
    '',
    `  API            POST ${url}/api/v2`,
    `  Documentation  ${url}/api`,
  ];
  if (publicUrl !== null) lines.push(`  Public address ${publicUrl}`);
  if (demo === null) return [...lines, '', ...hintWithoutDemo(banner)].join('\n');
  return [
    ...lines,
    `  Key            ${demo.key}`,
    '                 (of the demo customer, with 100.00 to spend; it is shown this once)',
    '',
    'In another terminal, place an order, deliver a part of it by hand and check the books:',
    '',
    `  ${curlLine(url, demo)}`,
    `  ${banner.environment}npx panelwright orders settle 1 --status Partial --remains 40`,
    `  ${banner.environment}npx panelwright verify`,
    '',
    `All commands: npx panelwright --help`,
  ].join('\n');
}

function curlLine(url: string, demo: Demo): string {
  const fields = [
    `key=${demo.key}`,
    'action=add',
    `service=${demo.serviceId}`,
    'link=https://example.com/post/1',
    'quantity=100',
  ];
  return `curl ${url}/api/v2 ${fields.map((field) => `-d ${field}`).join(' ')}`;
}

function hintWithoutDemo(banner: Banner): string[] {
  const { customerId, environment } = banner;
  const create = `  ${environment}npx panelwright`;
  if (customerId === null) {
    return ['There is no customer yet:', `${create} customers create --name "Reseller One"`];
  }
  return [
    'A key is shown only when it is created. Another one:',
    `${create} keys create --customer ${customerId} --name another`,
  ];
}
