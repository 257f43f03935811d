import type { IncomingMessage } from 'node:http';
import { AppError } from '../../base/index.ts';

/** Room for 10,000 comments of 100 ASCII letters; a Chinese letter is 9 bytes in a form. */
export const bodyBytesMax = 1_048_576;
/** What may still arrive after a body was found too large, so that the client reads our answer. */
const drainedBytesMax = 8 * bodyBytesMax;
const drainMsMax = 5_000;

// While it is worked on, a body of a megabyte takes several: as text, as lines, as a statement.
const heldBytesMax = 64 * bodyBytesMax;
/** Bodies up to this are always read, so that large ones keep no usual call waiting. */
export const smallBodyBytesMax = 16_384;

const empty = Buffer.alloc(0);

/** Reads the bodies of calls, and bounds what those at work take together. */
export type BodyReader = {
  /**
   * A request's body of at most 1 MiB, to be released when its call is answered. The server's own
   * time limit on a request bounds how long a slow sender can take.
   * @throws AppError `body_too_large`; `overloaded` when too many large bodies are at work
   */
  read: (request: IncomingMessage) => Promise<Buffer>;
  release: (body: Buffer) => void;
};

/** Opens the reader of a server's bodies. */
export function createBodyReader(): BodyReader {
  let heldBytes = 0;
  let turn = Promise.resolve();

  /** Large bodies go on one per turn of the event loop: many at once would stop all else. */
  function inTurn(): Promise<void> {
    turn = turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return turn;
  }

  function read(request: IncomingMessage): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let chunks: Buffer[] = [];
      let bytes = 0;
      let isRead = false;
      let refusal: AppError | undefined;
      const refuse = (error: AppError) => {
        heldBytes -= heldOf(bytes);
        chunks = [];
        refusal = error;
      };
      request.on('data', (chunk: Buffer) => {
        const held = heldOf(bytes);
        bytes += chunk.length;
        if (refusal === undefined) {
          heldBytes += heldOf(bytes) - held;
          chunks.push(chunk);
          if (bytes > bodyBytesMax) refuse(tooLarge());
          else if (bytes > smallBodyBytesMax && heldBytes > heldBytesMax) refuse(tooMuchHeld());
        }
        // Most clients read an answer only after they have sent all; the others get it now.
        if (refusal !== undefined && bytes > drainedBytesMax) reject(refusal);
      });
      request.on('end', () => {
        isRead = true;
        if (refusal !== undefined) {
          reject(refusal);
          return;
        }
        const [first = empty] = chunks;
        const body = chunks.length > 1 ? Buffer.concat(chunks) : first;
        if (bytes <= smallBodyBytesMax) resolve(body);
        else void inTurn().then(() => resolve(body));
      });
      // One that breaks off closes too, and raises no error where nobody listens for one.
      // Every request closes; an error made for each, stack and all, took a tenth of a call's time.
      request.on('close', () => {
        if (isRead) return;
        if (refusal === undefined) heldBytes -= heldOf(bytes);
        reject(new Error('the client went away'));
      });
    });
  }

  return {
    read,
    release: (body) => {
      heldBytes -= heldOf(body.length);
    },
  };
}

/** Resolves when the rest of a refused body has come, or more than we care to wait for. */
export function drainBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, drainMsMax);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > drainedBytesMax) resolve();
    });
    request.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function heldOf(bytes: number): number {
  return bytes > smallBodyBytesMax ? bytes : 0;
}

function tooLarge(): AppError {
  const detail = String(bodyBytesMax);
  return new AppError('body_too_large', 'the body is too large', { detail });
}

function tooMuchHeld(): AppError {
  return new AppError('overloaded', 'too many large bodies are at work');
}
