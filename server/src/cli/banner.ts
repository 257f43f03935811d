import type { Demo } from '../runtime/index.ts';

/** What a server tells when it is up. */
export type Banner = {
  /** Where it answers on this machine; null for a worker. */
  url: string | null;
  publicUrl: string | null;
  /** The demo that was seeded at this start, with the customer's key. */
  demo: Demo | null;
  /** Whether orders of the demo are delivered by its sandbox provider, in this process. */
  delivers: boolean;
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
    `  Web app        ${url}`,
    `  API            POST ${url}/api/v2`,
    `  Documentation  ${url}/api`,
  ];
  if (publicUrl !== null) lines.push(`  Public address ${publicUrl}`);
  if (demo === null) return [...lines, '', ...hintWithoutDemo(banner)].join('\n');
  return [
    ...lines,
    ...describeLogins(demo),
    `  Key            ${demo.key}`,
    '                 (of the demo customer, with 100.00 to spend; all this is shown once)',
    '',
    ...hintWithDemo(banner, { url, demo }),
    '',
    `All commands: npx panelwright --help`,
  ].join('\n');
}

function describeLogins({ logins }: Demo): string[] {
  if (logins === null) return [];
  const { customer, operator } = logins;
  return [
    `  Customer       ${customer.email}  ${customer.password}`,
    `  Operator       ${operator.email}  ${operator.password}`,
  ];
}

function hintWithDemo(banner: Banner, at: { url: string; demo: Demo }): string[] {
  const order = [`service=${at.demo.serviceId}`, 'link=https://example.com/post/1', 'quantity=100'];
  const add = `  ${curlLine(at, ['action=add', ...order])}`;
  const status = `  ${curlLine(at, ['action=status', 'order=1'])}`;
  const command = `  ${banner.environment}npx panelwright`;
  if (!banner.delivers) {
    return [
      'In another terminal, place an order, deliver a part of it by hand and check the books:',
      '',
      add,
      `${command} orders settle 1 --status Partial --remains 40`,
      status,
      `${command} verify`,
    ];
  }
  return [
    'In another terminal, place an order. A sandbox provider delivers it within a minute: ask',
    'again, read how it went, and check the books:',
    '',
    add,
    status,
    `${command} orders show 1`,
    `${command} verify`,
  ];
}

function curlLine({ url, demo }: { url: string; demo: Demo }, fields: readonly string[]): string {
  const given = [`key=${demo.key}`, ...fields].map((field) => `-d ${field}`);
  return `curl ${url}/api/v2 ${given.join(' ')}`;
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
