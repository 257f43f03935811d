import { z } from 'zod';
import { AppError } from '../base/index.ts';

/**
 * The file: gzip over the line `panelwright-backup 1`, then frames. A frame is one letter, the
 * payload's length (4 bytes, big-endian) and the payload. In order: `H` the header; for each table
 * `T` its name and columns, any number of `D` with rows as PostgreSQL's COPY writes text, `E` its
 * row count and SHA-256; at last `M`, the manifest. A file without `M` was cut short.
 */
export const magic = Buffer.from('panelwright-backup 1\n');

const headBytes = 5;
/** What a writer puts into a frame at most, and what a reader accepts. */
export const frameBytesMax = 1_048_576;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const tableSum = z.object({ rows: z.int().min(0), sha256 });

const tableName = z.string().regex(/^[a-z0-9_]{1,60}$/);
const moment = String.raw`'\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d\+00'`;
const boundsForm = new RegExp(
  String.raw`^FOR VALUES FROM \((?:MINVALUE|${moment})\) TO \(${moment}\)$`,
);

export const headerSchema = z.object({
  createdAt: z.string(),
  /** The migrations in order: the version of the schema. */
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  /** The partitions of tables that have them, with their bounds as PostgreSQL prints them. */
  months: z
    .array(z.object({ table: tableName, name: tableName, bounds: z.string().regex(boundsForm) }))
    .optional(),
});
export const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
export const tableEndSchema = tableSum;
export const manifestSchema = z.object({
  tables: z.record(z.string(), tableSum),
  /** The last value each sequence gave out; one that gave none is missing. */
  sequences: z.record(z.string(), z.string().regex(/^[0-9]{1,19}$/)),
});

export type BackupHeader = z.infer<typeof headerSchema>;
export type BackupManifest = z.infer<typeof manifestSchema>;
export type TableSum = z.infer<typeof tableSum>;

/** What was written or restored. */
export type BackupSummary = { createdAt: string; tables: number; rows: number };

export type FrameKind = 'H' | 'T' | 'D' | 'E' | 'M';
export type Frame = { kind: FrameKind; payload: Buffer };

/** One frame as bytes. */
export function encodeFrame(kind: FrameKind, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(kind, 'latin1');
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/** A frame that carries a JSON document. */
export function encodeJson(kind: FrameKind, document: unknown): Buffer {
  return encodeFrame(kind, Buffer.from(JSON.stringify(document)));
}

/**
 * Reads a frame's JSON document.
 * @throws AppError `invalid_input` when it is not what the schema says
 */
export function decodeJson<T>(payload: Buffer, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(payload.toString('utf8')));
  } catch (cause) {
    throw damaged(cause);
  }
}

/** The refusal of a file that is not what was once written. */
export function damaged(cause?: unknown): AppError {
  return new AppError('invalid_input', 'the backup file is damaged or cut short', { cause });
}

/**
 * Cuts a stream of unpacked bytes into frames, holding one frame at a time.
 * @throws AppError `invalid_input` for a file that is no backup, or damaged
 */
export async function* decodeFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  let isMagicRead = false;
  for await (const chunk of source) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (!isMagicRead) {
      if (pending.length < magic.length) continue;
      requireMagic(pending);
      pending = pending.subarray(magic.length);
      isMagicRead = true;
    }
    for (let size = frameSize(pending); size <= pending.length; size = frameSize(pending)) {
      const kind = pending.toString('latin1', 0, 1);
      if (!isKind(kind)) throw damaged();
      yield { kind, payload: pending.subarray(headBytes, size) };
      pending = pending.subarray(size);
    }
  }
  if (!isMagicRead) requireMagic(pending);
  if (pending.length > 0) throw damaged();
}

/** The bytes of the frame that begins here; more than there are while its head is incomplete. */
function frameSize(pending: Buffer): number {
  if (pending.length < headBytes) return headBytes;
  const length = pending.readUInt32BE(1);
  if (length > frameBytesMax) throw damaged();
  return headBytes + length;
}

function isKind(text: string): text is FrameKind {
  return ['H', 'T', 'D', 'E', 'M'].includes(text);
}

function requireMagic(start: Buffer): void {
  if (!start.subarray(0, magic.length).equals(magic)) {
    throw new AppError('invalid_input', 'the file is no Panelwright backup');
  }
}
