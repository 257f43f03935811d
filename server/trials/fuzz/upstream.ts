import assert from 'node:assert/strict';
import {
  type AddOutcome,
  createFetchTransport,
  createPanelClient,
  type PanelClient,
  type Transport,
  TransportError,
} from '@panelwright/sdk';
import { createTarget, type Target } from './target.ts';
import {
  type UpstreamInput,
  type UpstreamReply,
  upstreamInputs,
  upstreamKey,
} from './upstream-inputs.ts';

const batch = 200;
const rawLettersMax = 2_000;
const idsPerRequest = 100;

/** Hostile replies to every question the client has for panels upstream. */
export async function openUpstreamReplies(): Promise<Target> {
  const outcomes = new Map<string, number>();
  return createTarget({
    inputs: upstreamInputs,
    batch,
    check: async (inputs) => {
      for (const input of inputs) {
        const { answer, asked } = await send(input);
        assertBounded(answer);
        assertAsked(input, asked);
        if (input.action === 'add') assertAdd(input, answer as AddOutcome); // what add answers
        if (isList(input.action)) assertList(input, answer);
        const word = `${input.action} ${wordOf(answer)}`;
        outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
      }
    },
    finish: async () => ({ outcomes: Object.fromEntries([...outcomes].sort()) }),
  });
}

async function send(input: UpstreamInput): Promise<{ answer: unknown; asked: string[] }> {
  const asked: string[] = [];
  const transport: Transport = async (request) => {
    asked.push(request.body);
    const reply = input.replies[(asked.length - 1) % input.replies.length];
    assert(reply !== undefined);
    return reply.headers.location === undefined ? hostile(reply) : byFetch(reply)(request);
  };
  const url = 'https://upstream.example/api/v2';
  const client = createPanelClient({ url, key: upstreamKey, transport });
  return { answer: await call(client, input), asked };
}

async function hostile({ way, sent, status, headers, body }: UpstreamReply) {
  if (way === 'none') throw new TransportError('unreachable', { sent });
  if (way === 'thrown') throw Object.assign(new Error(`${upstreamKey} broke`), { status });
  return { status, headers, body };
}

/** The same through the transport that browsers and most programs use. */
function byFetch(reply: UpstreamReply): Transport {
  return createFetchTransport(async () => {
    const { status, headers, body } = await hostile(reply);
    const isOfResponse = status >= 200 && status <= 599;
    const hasBody = ![204, 205, 304].includes(status) && isOfResponse;
    const init = { status: isOfResponse ? status : 200, headers };
    return new Response(hasBody ? new Uint8Array(body) : null, init);
  });
}

function call(client: PanelClient, { action, ids }: UpstreamInput): Promise<unknown> {
  const [id = 1] = ids;
  switch (action) {
    case 'add':
      return client.add({ service: id, link: 'https://example.com/', quantity: 10 });
    case 'status':
    case 'refill':
    case 'refillStatus':
      return client[action](id);
    case 'balance':
    case 'services':
      return client[action]();
    default:
      return client[action](ids);
  }
}

function isList(action: UpstreamInput['action']): boolean {
  return ['statuses', 'refills', 'refillStatuses', 'cancel'].includes(action);
}

/** Each part goes out once and no more: sent twice, an order would be placed twice. */
function assertAsked({ action, ids, replies }: UpstreamInput, asked: readonly string[]): void {
  const distinct = new Set(ids).size;
  const parts = isList(action) ? Math.ceil(distinct / idsPerRequest) : 1;
  assert(asked.length >= 1 && asked.length <= parts, `${asked.length} requests`);
  const isSteady = replies.every(({ way, status }) => way === 'reply' && status !== 429);
  if (isSteady) assert.equal(asked.length, parts, 'a part was left out');
  for (const body of asked) assert(body.includes(`key=${upstreamKey}&action=`), body);
}

/** Texts that come from outside are short, whole letters, and never the key. */
function assertBounded(answer: unknown): void {
  const text = JSON.stringify(answer, (name, value: unknown) => {
    if (name === 'raw' || name === 'text') {
      assert(typeof value === 'string' && value.length <= rawLettersMax, 'a text without bound');
      assert(value.isWellFormed() && !value.includes('\u0000'), JSON.stringify(value));
      assert(!value.includes(upstreamKey), `the key is in ${value}`);
    }
    return value instanceof Map ? [...value] : value;
  });
  assert(text.startsWith('{'), text);
}

/** An order counts as placed, or as refused, only when the panel said just that. */
function assertAdd({ replies: [reply] }: UpstreamInput, answer: AddOutcome): void {
  assert(reply !== undefined);
  const said = reply.way === 'reply' ? readJson(reply.body) : undefined;
  const order = own(said, 'order');
  const names = `${answer.outcome} for ${reply.status} ${Buffer.from(reply.body)}`;
  if (answer.outcome === 'accepted') {
    assert(reply.status === 200 || reply.status === 201 || reply.headers.location, names);
    assert.equal(answer.order, String(order).trim(), names);
    assert(isNothing(own(said, 'error')), names);
  }
  if (answer.outcome === 'rejected') {
    assert(!isNothing(own(said, 'error')) && isNothing(order), names);
    assert(reply.status < 300 || (reply.status >= 400 && reply.status < 500), names);
  }
  if (answer.outcome === 'notSent') {
    const isProven = reply.way === 'none' && reply.sent === 'no';
    assert(isProven || (reply.status === 429 && isNothing(order)), names);
  }
}

/** Every id has one answer, and none has the answer of another. */
function assertList({ ids }: UpstreamInput, answer: unknown): void {
  type Answer = Awaited<ReturnType<PanelClient['cancel']>>;
  const { answers, missing, foreign } = answer as Answer; // or its like, of another list
  assert.deepEqual([...answers.keys()], [...new Set(ids)].map(String));
  for (const id of missing) assert(answers.has(id), 'missing and not asked');
  for (const id of foreign) assert(!ids.map(String).includes(id), 'foreign and asked');
}

/** What panels write where they have nothing to say. */
function isNothing(value: unknown): boolean {
  if (typeof value === 'string') return /^[\s\0]*0?$/.test(value);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return [undefined, null, false, 0].some((nothing) => nothing === value);
}

function readJson(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return value;
  } catch {
    return undefined;
  }
}

function own(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? Reflect.get(value, name) : undefined;
}

function wordOf(answer: unknown): string {
  const outcome = own(answer, 'outcome') ?? own(answer, 'ok');
  return outcome === undefined ? 'list' : String(outcome);
}
