import { execFile, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateSchema } from '../src/db/generate-schema.ts';
import { connect } from '../src/db/index.ts';
import { templateName, withDatabase } from './server-url.ts';
import { startTestServer, type TestServer } from './test-server.ts';

/**
 * Runs test files, all by default, against one PostgreSQL started for the run. Every file clones
 * the migrated template for itself.
 */
const serverFolder = fileURLToPath(new URL('..', import.meta.url));
const schemaFile = join(serverFolder, 'src/db/schema.gen.ts');
const buildScript = join(serverFolder, '../web/build.js');
const concurrency = 5;
/** What files in memory may take at most; a machine with less room for them uses its disk. */
const memoryMinBytes = 4 * 2 ** 30;
const compileCache = join(serverFolder, '../node_modules/.cache/panelwright');

const given = process.argv.slice(2);
const writesSchema = given.includes('--write-schema');
const files = given.filter((argument) => !argument.startsWith('--'));
const flags = given.filter(
  (argument) => argument.startsWith('--') && argument !== '--write-schema',
);

const folder = await mkdtemp(join(await findRoom(), 'panelwright-'));
// PostgreSQL, and servers of other users, have their files in it.
await chmod(folder, 0o755);
process.env.TMPDIR = folder;
try {
  const server = await startTestServer();
  try {
    await buildWebApp();
    if (writesSchema) await writeFile(schemaFile, await readSchema(server.url));
    else process.exitCode = await runFiles(server);
  } finally {
    await server.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Where files of a run go: into memory if there is room, as half of a run waited for the disk. */
async function findRoom(): Promise<string> {
  if (process.env.TMPDIR !== undefined) return tmpdir();
  const memory = '/dev/shm';
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= memoryMinBytes ? memory : tmpdir();
}

/** What browsers look at is of these sources; done already unless they changed since. */
async function buildWebApp(): Promise<void> {
  const isLookedAt = files.length === 0 || files.some((file) => file.includes('browser'));
  if (isLookedAt) await promisify(execFile)(process.execPath, [buildScript]);
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

async function runFiles({ url, env }: TestServer): Promise<number> {
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
    'trials/**/*.test.ts',
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
        ...env,
      },
    },
  );
  // Whoever ends a run early leaves nothing behind: the tests end, then what they used.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
