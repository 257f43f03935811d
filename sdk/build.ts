import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Makes `dist`, a package of its own that is published as it is: `npm publish ./sdk/dist`. Inside
// this repository the package is its TypeScript sources, so that nothing must be built before use.

const folder = fileURLToPath(new URL('.', import.meta.url));
const dist = join(folder, 'dist');
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', join(folder, 'tsconfig.json')], {
  stdio: 'inherit',
});

const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const { private: _private, scripts: _scripts, ...kept } = Object(manifest);
const published = { ...kept, exports: { types: './index.d.ts', default: './index.js' } };
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
copyFileSync(join(folder, 'README.md'), join(dist, 'README.md'));
copyFileSync(join(folder, '../LICENSE'), join(dist, 'LICENSE'));
