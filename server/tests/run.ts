import { execFile, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLog, systemClock } from '../src/base/index.ts';
import { generateSchema } from '../src/db/generate-schema.ts';
import { connect, migrate, startEmbedded } from '../src/db/index.ts';
import { serverUrl, templateName, withDatabase } from './server-url.ts';

/**
 * Runs test files, all by default, against one PostgreSQL started for the run. Every file clones
 * the migrated template for itself. `TEST_DATABASE_URL` names another server to use (a superuser of
 * it), `TEST_POSTGRES_BIN` other binaries, for instance Debian's.
 */
const serverFolder = fileURLToPath(new URL('..', import.meta.url));
const schemaFile = join(serverFolder, 'src/db/schema.gen.ts');
const buildScript = join(serverFolder, '../web/build.js');
const concurrency = 3;
const compileCache = join(serverFolder, '../node_modules/.cache/panelwright');

const given = process.argv.slice(2);
const writesSchema = given.includes('--write-schema');
const files = given.filter((argument) => !argument.startsWith('--'));
const flags = given.filter(
  (argument) => argument.startsWith('--') && argument !== '--write-schema',
);

const dataDir = await mkdtemp(join(tmpdir(), 'panelwright-test-'));
const server = await startServer();
try {
  await Promise.all([makeTemplate(server.url), buildWebApp()]);
  if (writesSchema) await writeFile(schemaFile, await readSchema(server.url));
  else process.exitCode = await runFiles(server.url);
} finally {
  await dropTemplate(server.url);
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const external = process.env.TEST_DATABASE_URL;
  if (external) return { url: external, stop: async () => {} };
  const binDir = process.env.TEST_POSTGRES_BIN;
  const embedded = await startEmbedded({
    dataDir,
    log: silentLog,
    ...(binDir ? { binDir } : {}),
    settings: { max_connections: '300' },
  });
  return { url: serverUrl(embedded.target), stop: embedded.stop };
}

/** What browsers look at is of these sources; done already unless they changed since. */
async function buildWebApp(): Promise<void> {
  const isLookedAt = files.length === 0 || files.some((file) => file.includes('browser'));
  if (isLookedAt) await promisify(execFile)(process.execPath, [buildScript]);
}

async function makeTemplate(url: string): Promise<void> {
  await dropTemplate(url);
  const admin = connect({ url }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`create database ${templateName}`);
  await admin.close();
  await migrate({ url: withDatabase(url, templateName) }, systemClock);
}

async function dropTemplate(url: string): Promise<void> {
  const admin = connect({ url }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`drop database if exists ${templateName} with (force)`);
  await admin.close();
}

/** The schema as it should be checked in: generated from the migrated template, formatted. */
async function readSchema(url: string): Promise<string> {
  const template = connect(
    { url: withDatabase(url, templateName) },
    { connectionsMax: 1, asOwner: true },
  );
  const text = await generateSchema(template);
  await template.close();
  return format(text);
}

function format(text: string): Promise<string> {
  const biome = join(serverFolder, '../node_modules/.bin/biome');
  const child = spawn(biome, ['format', '--stdin-file-path=server/src/db/schema.gen.ts'], {
    cwd: join(serverFolder, '..'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(text);
  return new Promise((resolve, reject) => {
    let formatted = '';
    child.stdout.on('data', (chunk: Buffer) => {
      formatted += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(formatted) : reject(new Error(`biome ended with ${code}`)),
    );
  });
}

async function runFiles(url: string): Promise<number> {
  if ((await readSchema(url)) !== (await readFile(schemaFile, 'utf8'))) {
    process.stderr.write(
      'server/src/db/schema.gen.ts is not what the migrations make; ' +
        'run: node server/tests/run.ts --write-schema\n',
    );
    return 1;
  }
  const patterns = [
    'src/**/*.test.ts',
    'tests/**/*.test.ts',
    'bin/*.test.ts',
    'bench/*.test.ts',
    '../sdk/src/*.test.ts',
  ];
  const all = globSync(patterns, { cwd: serverFolder }).map((file) => join(serverFolder, file));
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, ...flags, ...(files.length > 0 ? files : all)],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        // A hundred files load the same sources.
        NODE_COMPILE_CACHE: compileCache,
        PANELWRIGHT_TEST_SERVER: url,
        PANELWRIGHT_TEST_TEMPLATE: templateName,
      },
    },
  );
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
