import fc from 'fast-check';
import { z } from 'zod';
import { resolve, type Schema, valueFor } from './schema.ts';
import { oddText } from './texts.ts';

type Media = { content?: Record<string, { schema?: Schema }> };

type Described = {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: Media;
  responses?: Record<string, Media>;
};

export type Document = {
  paths: Record<string, Record<string, Described>>;
  components?: { schemas?: Record<string, Schema> };
};

/** A call of a route, before it is sent. */
export type ApiCall = {
  /** `get /orders/{orderId}`. */
  route: string;
  method: string;
  path: string;
  body: string | undefined;
  contentType: string;
};

/** The routes of a description: their calls, and what their JSON with 200 looks like. */
export type Routes = {
  calls: fc.Arbitrary<ApiCall>;
  replies: ReadonlyMap<string, z.ZodType>;
};

/** Reads an API's description; calls go to every route of it but those in `without`. */
export function readRoutes(document: Document, without: readonly string[]): Routes {
  const shared = document.components?.schemas ?? {};
  const replies = new Map<string, z.ZodType>();
  const calls: fc.Arbitrary<ApiCall>[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const route = `${method} ${path}`;
      const answer = jsonOf(described.responses?.['200'], shared);
      if (answer !== undefined) replies.set(route, z.fromJSONSchema(answer as JsonSchema));
      if (without.includes(route)) continue;
      const asked = jsonOf(described.requestBody, shared);
      const body = asked === undefined ? fc.constant(undefined) : bodyOf(asked);
      const call = fc.record({ path: pathOf(path, described), body, contentType });
      calls.push(call.map((rest) => ({ route, method: method.toUpperCase(), ...rest })));
    }
  }
  return { calls: fc.oneof(...calls), replies };
}

/** What zod takes; our descriptions use less of it. */
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

function jsonOf(media: Media | undefined, shared: Record<string, Schema>): Schema | undefined {
  const schema = media?.content?.['application/json']?.schema;
  return schema && resolve(schema, shared);
}

const contentType = fc.oneof(
  { weight: 40, arbitrary: fc.constant('application/json') },
  { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=x', '') },
);

function bodyOf(schema: Schema): fc.Arbitrary<string> {
  const json = valueFor(schema).map((value) => JSON.stringify(value) ?? '');
  return fc.oneof(
    { weight: 40, arbitrary: json },
    { weight: 1, arbitrary: fc.tuple(json, fc.nat(60)).map(([text, at]) => text.slice(0, at)) },
    { weight: 1, arbitrary: oddText },
  );
}

/** A path with values in its places, and some of the query's parameters. */
function pathOf(path: string, { parameters = [] }: Described): fc.Arbitrary<string> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const placed = fc.record(
    Object.fromEntries(inPath.map(({ name, schema }) => [name, valueFor(schema ?? {}, name)])),
  );
  const asked = inQuery.map(({ name, schema, required }) => {
    const pair = valueFor(schema ?? {}, name).map((value) => [[name, textOf(value)]]);
    if (required) return pair;
    return fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: pair });
  });
  return fc.tuple(placed, fc.tuple(...asked)).map(([values, pairs]) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      encodeURIComponent(textOf(values[name]).toWellFormed()),
    );
    const query = new URLSearchParams(pairs.flat() as [string, string][]).toString();
    return query === '' ? filled : `${filled}?${query}`;
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
