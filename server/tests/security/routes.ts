import assert from 'node:assert/strict';
import { z } from 'zod';
import { createPages } from '../../src/http/app.ts';
import { createLiveHub } from '../../src/http/live.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createReadiness } from '../../src/http/readiness.ts';
import type { TestPanel } from '../harness.ts';

// Every route of the HTTP APIs as the routers have it, with a body that it takes.

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  example?: unknown;
  default?: unknown;
  minimum?: number;
  minLength?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
  anyOf?: Schema[];
};

type Operation = {
  parameters?: { in: string; name: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};

type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

const apis = ['account', 'customer', 'admin'] as const;
export type ApiName = (typeof apis)[number];

export type Route = {
  api: ApiName;
  method: string;
  /** Below the API, with names in braces: `/orders/{orderId}`. */
  path: string;
  /** Names of what stands in its path, its query and its body, at any depth. */
  pathNames: string[];
  queryNames: string[];
  bodyNames: string[];
  /** What its query needs, and a body that it takes. */
  query: Record<string, string>;
  body: unknown;
};

export type Pages = {
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  routes: Route[];
  /** Routes without a description: the stream of events, and the descriptions themselves. */
  undescribed: string[];
  close: () => void;
};

/** Values that only their own field takes. */
const valuesByName: Readonly<Record<string, unknown>> = {
  allowedAddresses: [],
  amount: '1.00',
  areas: [],
  email: 'somebody@example.com',
  fixed: '0',
  isPaused: true,
  minCost: '0',
  rate: '1.00',
  reference: 'matrix-1',
  url: 'http://127.0.0.1:9/api/v2',
  timeZone: 'UTC',
};

/** The panel's pages in this process, and what their routers route. */
export async function openPages({ app }: TestPanel): Promise<Pages> {
  const live = createLiveHub(app);
  const pages = createPages({
    ...app,
    live,
    metrics: createMetrics(async () => []),
    publicUrl: undefined,
    isProxyTrusted: false,
    readiness: createReadiness({ ...app, isStopping: () => false }),
  });
  const fetchPage = async (path: string, init?: RequestInit) => pages.request(path, init, {});
  const described: Route[] = [];
  for (const api of apis) {
    const answer = await fetchPage(`/api/${api}/openapi.json`);
    const document: ApiDocument = Object(await answer.json());
    described.push(...routesOf(api, document));
  }
  const known = new Set(described.map((route) => nameOf(route)));
  const routed = pages.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    .filter((name) => apis.some((api) => name.includes(` /api/${api}/`)));
  for (const name of known) assert(routed.includes(name), `${name} is described, but no route`);
  return {
    fetch: fetchPage,
    routes: described,
    undescribed: [...new Set(routed)].filter((name) => !known.has(name)).sort(),
    close: () => live.close(),
  };
}

/** `GET /api/customer/orders/{orderId}`. */
export function nameOf({ api, method, path }: Pick<Route, 'api' | 'method' | 'path'>): string {
  return `${method} /api/${api}${path}`;
}

function routesOf(api: ApiName, document: ApiDocument): Route[] {
  const schemas = document.components?.schemas ?? {};
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation;
      const schema = requestBody?.content['application/json']?.schema;
      const namesIn = (place: string) =>
        parameters.filter((each) => each.in === place).map(({ name }) => name);
      const needed = parameters.filter((each) => each.in === 'query' && each.required === true);
      return {
        api,
        method: method.toUpperCase(),
        path,
        pathNames: namesIn('path'),
        queryNames: namesIn('query'),
        bodyNames: schema === undefined ? [] : fieldsOf(schema, schemas),
        query: Object.fromEntries(
          needed.map((each) => [each.name, String(sample(each.schema, schemas, each.name))]),
        ),
        body: schema === undefined ? undefined : sample(schema, schemas),
      };
    }),
  );
}

/** The names of all fields of a body, at any depth. */
function fieldsOf(schema: Schema, schemas: Record<string, Schema>): string[] {
  const { properties = {}, items, oneOf = [], anyOf = [] } = resolve(schema, schemas);
  const inner = [...oneOf, ...anyOf, ...(items === undefined ? [] : [items])];
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [name, ...fieldsOf(field, schemas)]),
    ...inner.flatMap((each) => fieldsOf(each, schemas)),
  ];
}

/** The smallest value that a schema takes. */
function sample(given: Schema, schemas: Record<string, Schema>, name = ''): unknown {
  const schema = resolve(given, schemas);
  if (name in valuesByName) return valuesByName[name];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0];
  if (choice !== undefined) return sample(choice, schemas, name);
  const types = [schema.type ?? 'string'].flat();
  if (types.includes('object')) {
    const { properties = {}, required = [] } = schema;
    const needed = Object.entries(properties).filter(([field]) => required.includes(field));
    return Object.fromEntries(
      needed.map(([field, inner]) => [field, sample(inner, schemas, field)]),
    );
  }
  if (types.includes('null')) return null;
  if (types.includes('array')) {
    const { items = {}, minItems = 1 } = schema;
    return Array.from({ length: minItems }, () => sample(items, schemas));
  }
  if (types.includes('boolean')) return false;
  if (types.includes('integer') || types.includes('number')) return schema.minimum ?? 0;
  if (schema.example !== undefined) return schema.example;
  return 'a'.repeat(Math.max(1, schema.minLength ?? 1));
}

function resolve(schema: Schema, schemas: Record<string, Schema>): Schema {
  if (schema.$ref === undefined) return schema;
  const found = schemas[schema.$ref.split('/').at(-1) ?? ''];
  assert(found !== undefined, `no schema ${schema.$ref}`);
  return found;
}

const problemSchema = z.object({ error: z.object({ code: z.string() }) });

/** The code of a refusal; empty for what is none. */
export function codeOf(text: string): string {
  if (!text.startsWith('{')) return '';
  const parsed = problemSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data.error.code : '';
}
