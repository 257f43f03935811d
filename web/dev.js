// `npm run dev`: the panel, started anew when the server's code changes, and the web app with its
// pages exchanged while one looks at them.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const main = fileURLToPath(new URL('../server/src/main.ts', import.meta.url));

const panel = spawn(process.execPath, ['--watch', '--watch-preserve-output', main, 'serve'], {
  stdio: 'inherit',
});
const app = await createServer({ root, configFile: `${root}vite.config.ts` });
await app.listen();
app.printUrls();

for (const signal of ['SIGINT', 'SIGTERM']) {
  // The panel has the terminal's Ctrl-C by itself; what is left then is the app.
  process.on(signal, () => panel.kill(signal));
}
panel.on('exit', async (code) => {
  await app.close();
  process.exit(code ?? 0);
});
