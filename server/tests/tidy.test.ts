import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

// What reviewers would otherwise have to watch: direction of imports, sizes, names, and words that
// have no place in the code.

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = 'server/src';

/** A folder imports lower ranks only, and another folder only through its index. */
const ranks: Readonly<Record<string, number>> = {
  base: 0,
  'config.ts': 1,
  db: 1,
  sandbox: 1,
  ledger: 2,
  mail: 2,
  customers: 3,
  providers: 4,
  staff: 4,
  'sign-in': 5,
  catalog: 5,
  orders: 6,
  fulfilment: 7,
  refills: 7,
  cancels: 7,
  payments: 7,
  backup: 8,
  retention: 8,
  figures: 8,
  alarms: 9,
  system: 9,
  http: 10,
  worker: 10,
  runtime: 11,
  cli: 12,
  'main.ts': 13,
};

const fileLinesMax = 400;
const functionLinesMax = 70;
const lineColumnsMax = 100;
const parametersMax = 3;
const bannedFolders = ['utils', 'helpers', 'common', 'managers', 'manager'];

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|js)$/.test(file) && existsSync(join(root, file)));
const files = tracked.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const written = files.filter((file) => !file.path.endsWith('.gen.ts'));
const product = written.filter(
  (file) => file.path.startsWith(`${source}/`) && !file.path.endsWith('.test.ts'),
);

/** What is published: the client. It has rules of its own, and those of every function. */
const sdk = written.filter(
  (file) => file.path.startsWith('sdk/src/') && !file.path.endsWith('.test.ts'),
);

/** The folder (or root file) of `server/src` that a path belongs to. */
function moduleOf(path: string): string {
  return relative(source, path).split('/')[0] ?? '';
}

function importsOf(file: { path: string; text: string }): string[] {
  return [...file.text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    relative(root, resolve(root, dirname(file.path), match[1] ?? '')),
  );
}

test('there is something to check', () => {
  assert(product.length > 50);
  assert(sdk.length > 10);
});

test('every folder of the source has a rank', () => {
  const unranked = new Set(product.map((file) => moduleOf(file.path)));
  assert.deepEqual(
    [...unranked].filter((name) => ranks[name] === undefined),
    [],
  );
});

test('a folder imports only folders of a lower rank, through their index', () => {
  const wrong: string[] = [];
  for (const file of product) {
    const from = moduleOf(file.path);
    for (const target of importsOf(file)) {
      const to = moduleOf(target);
      if (to === from || !target.startsWith(`${source}/`)) continue;
      const isLower = (ranks[to] ?? Number.NaN) < (ranks[from] ?? Number.NaN);
      const isPublic = target === join(source, to, 'index.ts') || target === join(source, to);
      if (!isLower || !isPublic) wrong.push(`${file.path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('files, lines and functions stay small', () => {
  const wrong: string[] = [];
  for (const { path, text } of written) {
    const lines = text.split('\n');
    if (lines.length > fileLinesMax) wrong.push(`${path} has ${lines.length} lines`);
    lines.forEach((line, index) => {
      if (line.length > lineColumnsMax) wrong.push(`${path}:${index + 1} is ${line.length} wide`);
    });
    for (const block of functionsOf(lines)) {
      if (block.lines > functionLinesMax) {
        wrong.push(`${path}:${block.start} has a function of ${block.lines} lines`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

/** Top-level and nested named functions, by the indentation the formatter guarantees. */
function functionsOf(lines: readonly string[]): { start: number; lines: number }[] {
  const found: { start: number; lines: number }[] = [];
  lines.forEach((line, start) => {
    const match = /^(\s*)(?:export )?(?:default )?(?:async )?function\b/.exec(line);
    if (match === null) return;
    const close = `${match[1]}}`;
    const end = lines.findIndex((other, index) => index > start && other.startsWith(close));
    if (end !== -1) found.push({ start: start + 1, lines: end - start + 1 });
  });
  return found;
}

test('a function has at most three positional parameters', () => {
  const wrong: string[] = [];
  for (const { path, text } of [...product, ...sdk]) {
    for (const match of text.matchAll(/function (\w+)(?:<[^(]*>)?\(/g)) {
      const list = parameterList(text, (match.index ?? 0) + match[0].length);
      if (list > parametersMax) wrong.push(`${path}: ${match[1]} takes ${list} parameters`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** Counts the parameters of the list that begins at `start`, at its own depth of brackets. */
function parameterList(text: string, start: number): number {
  let depth = 0;
  let current = '';
  const parameters: string[] = [];
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    const isArrow = letter === '>' && text[at - 1] === '=';
    if (')]}'.includes(letter) || (letter === '>' && !isArrow)) depth -= 1;
    if (depth < 0) break;
    if ('([{<'.includes(letter)) depth += 1;
    if (letter === ',' && depth === 0) {
      parameters.push(current);
      current = '';
    } else current += letter;
  }
  return [...parameters, current].filter((parameter) => parameter.trim() !== '').length;
}

test('every exported function says what it does', () => {
  const wrong: string[] = [];
  for (const { path, text } of [...product, ...sdk]) {
    const lines = text.split('\n');
    lines.forEach((line, index) => {
      const isExported = /^export (async )?function /.test(line);
      const above = lines[index - 1] ?? '';
      const isDocumented = above.trim() === '*/' || /^\s*\/\*\*.*\*\/$/.test(above);
      if (isExported && !isDocumented) wrong.push(`${path}:${index + 1}`);
    });
  }
  assert.deepEqual(wrong, []);
});

test('the client stands alone: it imports nothing but its own files', () => {
  const wrong = sdk.flatMap(({ path, text }) =>
    [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)]
      .filter(([, target]) => !/^\.\/[a-z-]+\.ts$/.test(target ?? ''))
      .map(([, target]) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'sdk/package.json'), 'utf8'));
  assert.equal(Reflect.get(Object(manifest), 'dependencies'), undefined);
});

test('the client has the version of the server', () => {
  const [server, client] = ['server', 'sdk'].map((folder): unknown =>
    Reflect.get(
      Object(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))),
      'version',
    ),
  );
  assert.equal(client, server);
});

test('each folder states its invariants at the head of its index', () => {
  const folders = new Set(
    product.map((file) => moduleOf(file.path)).filter((name) => !name.endsWith('.ts')),
  );
  const silent = [...folders].filter(
    (name) =>
      !/^\/\*\*[\s\S]*?\bInvariants?:/.test(
        readFileSync(join(root, source, name, 'index.ts'), 'utf8'),
      ),
  );
  assert.deepEqual(silent, []);
});

test('money never passes a floating-point number', () => {
  const moneyFolders = ['ledger', 'orders', 'catalog', 'payments', 'cancels', 'refills'];
  const wrong = product
    .filter((file) => moneyFolders.includes(moduleOf(file.path)) || file.path.endsWith('money.ts'))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          /\bparseFloat\(|\.toFixed\(|\bNumber\((?!count\)|id\)|order\.id\))/.test(line)
            ? [`${path}:${index + 1} ${line.trim()}`]
            : [],
        ),
    );
  assert.deepEqual(wrong, []);
});

test('words that have no place in the code are not in it', () => {
  const banned: [RegExp, string][] = [
    [/\bas any\b|: any\b|<any>/, 'any'],
    [/@ts-ignore|@ts-expect-error|@ts-nocheck/, 'a silenced type error'],
    [/\b(TODO|FIXME|XXX)\b/, 'a note to do later'],
    [/\.only\(|\bonly: true/, 'a test run alone'],
    [/^\s*(?:export )?class (?!\w+ extends Error\b)\w+/m, 'a class that is no error'],
  ];
  const wrong = written
    .filter((file) => !file.path.endsWith('tidy.test.ts'))
    .flatMap(({ path, text }) => {
      const code = text
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/^\s*\/\/ (?!@|TODO|FIXME).*$/gm, '');
      return banned.flatMap(([pattern, what]) => (pattern.test(code) ? [`${path}: ${what}`] : []));
    });
  assert.deepEqual(wrong, []);
});

test('no folder is named after nothing in particular', () => {
  const wrong = files.filter(({ path }) =>
    path.split('/').some((part) => bannedFolders.includes(part)),
  );
  assert.deepEqual(wrong, []);
});

/** What an order panel needs by itself. */
const dependenciesMax = 12;
/** What signing in, mail and payments bring, which nobody should write again. */
const boughtIn = ['@better-auth/passkey', 'better-auth', 'nodemailer', 'stripe'];

test('the server has at most a dozen direct dependencies, each with its reason', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8'));
  const names = Object.keys(Object(Reflect.get(Object(manifest), 'dependencies')));
  const tour = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = tour.split('\n').filter((line) => line.startsWith('| `'));
  const isOwn = (name: string) => name.startsWith('@panelwright/');
  const unexplained = names.filter(
    (name) => !isOwn(name) && !rows.some((row) => row.includes(`\`${name}\``)),
  );
  assert.deepEqual(unexplained, []);
  const others = names.filter((name) => !isOwn(name) && !boughtIn.includes(name));
  assert(others.length <= dependenciesMax);
});
