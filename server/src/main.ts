import { loadEnvFile } from 'node:process';
import { runCli } from './cli/index.ts';
import { readConfig } from './config.ts';

/** The composition root: settings, then the command that was asked for. */
process.exitCode = await runCli(process.argv.slice(2), () => {
  readEnvFile();
  return readConfig(process.env);
});

/** Takes `.env` of the working directory, if there is one; the environment itself goes first. */
function readEnvFile(): void {
  try {
    loadEnvFile('.env');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
