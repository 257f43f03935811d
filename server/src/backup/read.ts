import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../base/index.ts';
import { damaged, decodeFrames, type Frame } from './format.ts';

/**
 * The frames of a file.
 * @throws AppError `invalid_input` for a file that is missing, no backup, damaged or cut short
 */
export async function* readFrames(file: string): AsyncGenerator<Frame> {
  const unpacked = createGunzip();
  // A failure of either end reaches the reader through `unpacked`.
  pipeline(createReadStream(file), unpacked).catch(() => {});
  try {
    yield* decodeFrames(unpacked);
  } catch (error) {
    throw explainRead(error, file);
  } finally {
    unpacked.destroy();
  }
}

function explainRead(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_DATA_ERROR' && error instanceof Error && /header/.test(error.message)) {
    return new AppError('invalid_input', `${file} is no Panelwright backup`, { cause: error });
  }
  if (code.startsWith('Z_')) return damaged(error);
  if (['ENOENT', 'EACCES', 'EISDIR'].includes(code) && error instanceof Error) {
    return new AppError('invalid_input', `cannot read ${file}: ${error.message}`, { cause: error });
  }
  return error;
}
