import assert from 'node:assert/strict';
import { AppError, type CustomerId, minuteMs, parseAmount } from '../../src/base/index.ts';
import {
  importServices,
  listServices,
  syncProvider,
  updateService,
  updateSettings,
} from '../../src/catalog/index.ts';
import { createCustomer, createKey, updateCustomer } from '../../src/customers/index.ts';
import {
  addFunds,
  addMethod,
  adjustBalance,
  confirmPayment,
  rejectPayment,
  reportPaid,
  startPayment,
} from '../../src/payments/index.ts';
import { updateProvider } from '../../src/providers/index.ts';
import type { SandboxService } from '../../src/sandbox/index.ts';
import { addStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import { customerActor } from '../payments/steps.ts';
import { hostileStrings } from './hostile-strings.ts';
import type { Sample } from './sample.ts';
import { sampleServices } from './sample-catalog.ts';
import type { Stage } from './stage.ts';

/** Where to look for what was planted, besides the pages of the sample. */
export type Planted = {
  /** An order of each service type that has texts of its own. */
  orders: readonly string[];
  /** Orders that the provider refused, answered to with nonsense, and has a strange status for. */
  troubled: readonly string[];
  /** A payment by hand with a note. */
  payment: string;
};

/** Of what services are sold: types whose orders have texts of their own, and the plain one. */
const types = [
  'Default',
  'Custom Comments',
  'Mentions with Hashtags',
  'Mentions Hashtag',
  'Mentions Media Likers',
  'Comment Replies',
  'Invites from Groups',
  'Subscriptions',
  'SEO',
  'Web Traffic',
] as const;

type Place = { panel: Stage['panel']; sample: Sample };

/** For what one has only so many of. */
const someOf = hostileStrings.filter((_, index) => index % 5 === 0);
const instructionsMax = 5_000;
/** Not `hostileStrings[0]`: a list begins with it, and would look no different. */
const namesFrom = 2;

/** Puts the strings wherever somebody can write: upstream panels, customers, staff. */
export async function plantEverywhere(stage: Stage, sample: Sample): Promise<Planted> {
  const place = { panel: stage.panel, sample };
  await plantServices(place);
  await plantSettings(place);
  const payment = await plantPayments(place);
  const orders = await plantParameters(place);
  const troubled = await plantTrouble(place);
  // Last, as lists begin with the newest.
  await plantCustomers(place);
  return { orders, troubled, payment };
}

/** An upstream's list, and what staff made of it: names as they are, with what tags they have. */
async function plantServices({ panel, sample }: Place): Promise<void> {
  const { app } = panel;
  const { sandbox, providerId } = sample.upstream;
  const services = hostileStrings.map(
    (text, index): SandboxService => ({
      service: 5_000 + index,
      name: text,
      type: types[index % types.length] ?? 'Default',
      category: hostileStrings[(index * 7) % 200] ?? '',
      rate: '0.01',
      min: 1,
      max: 10_000,
    }),
  );
  const known = new Set((await listServices(app.db)).map(({ id }) => id));
  sandbox.setServices([...sampleServices, ...services]);
  const body = JSON.stringify(
    [...sampleServices, ...services].map((service) => ({
      ...service,
      desc: service.name,
      average_time: service.name,
    })),
  );
  sandbox.script({ kind: 'answer', body, on: { action: 'services' } });
  await syncProvider(app, staff, { providerId, force: true });
  await importServices(app, staff, { providerId, markupBasisPoints: 1_000 });
  const imported = (await listServices(app.db)).filter(({ id }) => !known.has(id));
  await Promise.all(
    imported.map(({ id: serviceId }, index) => {
      const name = hostileStrings[(index + namesFrom) % 200] ?? '';
      const changes = { name, description: name, averageTime: name };
      return updateService(app, staff, { serviceId, changes });
    }),
  );
  await updateProvider(app, staff, { providerId, changes: { name: hostileStrings[1] ?? '' } });
  await app.catalog.refresh();
}

async function plantSettings({ panel }: Place): Promise<void> {
  const all = hostileStrings.join('\n');
  const reversed = hostileStrings.toReversed().join('\n');
  await updateSettings(panel.app, staff, {
    name: '<img src=x onerror=window.__hacked=1>',
    tagline: hostileStrings[0] ?? '',
    taglineZh: hostileStrings[3] ?? '',
    announcement: all.slice(0, 1_900),
    announcementZh: reversed.slice(0, 1_900),
    terms: all,
    termsZh: reversed,
    contact: hostileStrings.slice(40, 50).join(' ').slice(0, 400),
    contactZh: hostileStrings.slice(50, 60).join(' ').slice(0, 400),
  });
}

async function plantCustomers({ panel, sample }: Place): Promise<void> {
  const { app } = panel;
  const customerId = Number(sample.ids.customerId) as CustomerId;
  await updateCustomer(app, staff, { customerId, changes: { name: hostileStrings[2] ?? '' } });
  const amount = parseAmount('0.01', 'amount');
  await Promise.all(
    someOf.map((text) => createKey(app, staff, { customerId, name: text.slice(0, 100) })),
  );
  await Promise.all(
    hostileStrings.map((text) =>
      adjustBalance(app, staff, { customerId, amount, reason: text.slice(0, 200) }),
    ),
  );
  // As a reference has no spaces, and only letters of ASCII.
  const references = someOf.map((text) => text.replace(/[^!-~]/g, '_').slice(0, 128));
  await Promise.all(
    references.map((reference) => addFunds(app, staff, { customerId, amount, reference })),
  );
  for (const name of hostileStrings) {
    const added = addStaff(app, staff, { name, areas: [], dailyLimit: null });
    await assert.rejects(added, AppError, 'a name of staff is of plain letters');
  }
}

/** A payment of a customer of each name, with a note by the customer and one by staff. */
async function plantPayments({ panel, sample }: Place): Promise<string> {
  const { app } = panel;
  const methodId = await addMethod(app, staff, {
    kind: 'manual',
    name: (hostileStrings[5] ?? '').slice(0, 100),
    instructions: hostileStrings.join('\n').slice(0, instructionsMax),
    enabled: true,
    min: parseAmount('1', 'min'),
    max: parseAmount('500', 'max'),
  });
  const amount = parseAmount('10', 'amount');
  const pay = async (customerId: CustomerId, note: string) => {
    const actor = customerActor(customerId);
    const asked = { methodId, amount, returnUrl: panel.url };
    const { paymentId } = await startPayment(app, actor, asked);
    await reportPaid(app, actor, { paymentId, note });
    return paymentId;
  };
  await Promise.all(
    hostileStrings.map(async (text, index) => {
      const customerId = await createCustomer(app, staff, { name: text.slice(0, 200) });
      const paymentId = await pay(customerId, text);
      if (index % 3 === 0) await confirmPayment(app, staff, { paymentId, note: text });
      if (index % 3 === 1) await rejectPayment(app, staff, { paymentId, note: text });
    }),
  );
  const note = hostileStrings.join(' ').slice(0, 500);
  return String(await pay(Number(sample.ids.customerId) as CustomerId, note));
}

/** Lists of texts have them all, others as many as fit. */
async function plantParameters({ panel, sample }: Place): Promise<string[]> {
  const lines = hostileStrings.map((text) => text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').trim());
  const list = lines.join('\n');
  const text = (part: number) => lines.slice(part * 20, part * 20 + 20).join(' ');
  const [url = ''] = lines.filter((line) => line.startsWith('javascript:'));
  const fields: Record<string, Record<string, string | number>> = {
    'Custom Comments': { comments: list },
    'Mentions with Hashtags': { usernames: list, hashtags: list },
    'Mentions Hashtag': { hashtag: text(1) },
    'Mentions Media Likers': { media: text(2) },
    'Comment Replies': { username: text(3), comments: list },
    'Invites from Groups': { groups: list },
    Subscriptions: { username: text(4), min: 1, max: 10, delay: 0 },
    SEO: { keywords: list },
    'Web Traffic': {
      ...{ country: text(5), device: 1, type_of_traffic: 1 },
      ...{ google_keyword: text(6), referring_url: url },
    },
  };
  const services = await listServices(panel.app.db);
  const { key } = sample;
  return Promise.all(
    Object.entries(fields).map(async ([type, given]) => {
      const service = services.findLast((each) => each.type === type)?.id;
      assert(service !== undefined, `there is a service of the type ${type}`);
      const link = `https://example.com/${type}`;
      // Where lines are counted, or posts, it is not read.
      const asked = { key, action: 'add', service, link, quantity: 10, ...given };
      const answer = Object(await panel.call(asked));
      assert(answer.order !== undefined, `${type}: ${JSON.stringify(answer)}`);
      return String(answer.order);
    }),
  );
}

/** Orders with each text as the link, and some within one; the provider answers with a text. */
async function plantTrouble({ panel, sample }: Place): Promise<string[]> {
  const { key, upstream } = sample;
  const [service = 1] = sample.services;
  const add = async (link: string) => {
    const answer = Object(await panel.call({ key, action: 'add', service, link, quantity: 100 }));
    assert(answer.order !== undefined || answer.error === 'Bad link', JSON.stringify(answer));
    return answer.order;
  };
  const within = await Promise.all(
    someOf.map((text) => add(`https://example.com/?q=${text}`.slice(0, 900))),
  );
  upstream.sandbox.script(
    ...hostileStrings.map((text, index) => {
      const on = { action: 'add', link: text.trim() };
      if (index % 20 > 0) return { kind: 'refuse', error: text, on } as const;
      return { kind: 'answer', body: text, contentType: 'text/html', on } as const;
    }),
  );
  const alone = await Promise.all(hostileStrings.map(add));
  while ((await upstream.forward()) > 0);
  upstream.sandbox.clearFaults();
  let said = 0;
  upstream.sandbox.decideFaults(({ action, fields }) => {
    if (action !== 'status') return undefined;
    const rows = (fields.orders ?? '').split(',').map((id) => {
      said += 1;
      const status = someOf[said % someOf.length] ?? '';
      return [id, { charge: '0.1', start_count: '0', remains: '100', currency: 'USD', status }];
    });
    return { kind: 'answer', body: JSON.stringify(Object.fromEntries(rows)) };
  });
  panel.clock.advance(20 * minuteMs);
  while ((await upstream.poll()) > 0);
  upstream.sandbox.decideFaults(undefined);
  // One of each kind of trouble, and of what a refusal is for.
  return [within[0], alone[0], alone[1], alone[39]].map((id) => {
    assert(id !== undefined);
    return String(id);
  });
}
