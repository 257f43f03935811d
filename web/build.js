// Builds the web app into dist/, packed beforehand for every browser that asks for it. Run by
// `npm ci` and, when the sources are newer than what was built, by `npm start`.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');
/** Smaller than this, packing gains nothing. */
const packedBytesMin = 1_024;

/** A digest of everything the build is made of. */
export function digestSources() {
  const hash = createHash('sha256');
  const files = ['index.html', 'reference.html', 'package.json', 'vite.config.ts', 'build.js'];
  for (const name of readdirSync(join(root, 'src'), { recursive: true }).sort()) {
    if (/\.(tsx?|css|svg|png)$/.test(name)) files.push(join('src', name));
  }
  for (const name of files) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  return hash.digest('hex');
}

/** Whether dist/ is of these sources. */
export function isBuilt() {
  try {
    return readFileSync(stamp, 'utf8') === digestSources();
  } catch {
    return false;
  }
}

/** Builds, packs, and notes what it was made of. @throws when a source has an error */
export async function buildWeb() {
  const digest = digestSources();
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(js|css|svg)$/.test(entry.name)) {
      pack(join(entry.parentPath, entry.name));
    }
  }
  writeFileSync(stamp, digest);
}

function pack(path) {
  const bytes = readFileSync(path);
  if (bytes.length < packedBytesMin) return;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !isBuilt()) await buildWeb();
