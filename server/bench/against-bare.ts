import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, type Panel, untilReady } from './panel.ts';
import { type RunningProcess, readRssMiB, startProcess } from './processes.ts';
import { type Measurement, type Session, takeTurns } from './session.ts';
import { type LoadResult, runWrk, runWrkOnPanel, writeCalls } from './wrk.ts';

export type Comparison = {
  /** Form bodies, sent in turn. */
  calls: readonly string[];
  connections: number;
  /** How a reply begins; the first one is looked at. */
  replyPrefix: string;
  /** Whether all replies are equal, so that their bytes can be counted. */
  isOneReply?: boolean;
};

/**
 * A panel runs for months. In its first ten seconds the same code makes a third of the calls that
 * it makes later: it is being compiled, and what is asked for is read for the first time.
 */
const warmUpSeconds = 10;
/** Of short runs, as in tests: so many of them. */
const warmUpRunsMax = 4;
const headBytesMax = 400;
const bareServer = fileURLToPath(new URL('bare-server.ts', import.meta.url));

/**
 * Measures the panel against a bare server that answers a reply of the panel's to the same calls.
 * They take turns; of each the median run counts.
 */
export async function measureAgainstBare(
  session: Session,
  panel: Panel,
  comparison: Comparison,
): Promise<Measurement> {
  const calls = await writeCalls(session, comparison.calls);
  const served = await panel.serve();
  const reply = await askOnce(served.url, comparison);
  const bare = await startBare(session, reply);
  const { connections } = comparison;
  const loadBare = (seconds: number) =>
    runWrk(session, { calls, connections, url: bare.url, seconds });
  const loadPanel = (seconds: number) =>
    runWrkOnPanel(session, { calls, connections, url: served.url, seconds });
  try {
    const warmUp = Math.min(warmUpSeconds, warmUpRunsMax * session.secondsPerRun);
    await loadBare(warmUp);
    await loadPanel(warmUp);
    const { value, reference } = await takeTurns(session.rounds, {
      refer: async () => (await loadBare(session.secondsPerRun)).perSecond,
      run: async () => {
        const result = await loadPanel(session.secondsPerRun);
        if (comparison.isOneReply) checkBytes(result, reply.length, comparison);
        return result;
      },
      read: ({ perSecond }) => perSecond,
    });
    return {
      value: value.perSecond,
      reference,
      p50Ms: value.p50Ms,
      p99Ms: value.p99Ms,
      rssMiB: readRssMiB(served.process.pid),
    };
  } finally {
    await bare.process.stop();
  }
}

/** Throws unless all replies had the bytes of one; wrk also counts those it left half read. */
function checkBytes(result: LoadResult, replyBytes: number, { connections }: Comparison): void {
  const { bytes, requests } = result;
  const bytesMax = (requests + connections) * (replyBytes + headBytesMax);
  if (bytes < requests * replyBytes || bytes > bytesMax) {
    throw new Error(`${requests} replies of ${replyBytes} bytes came as ${bytes} bytes`);
  }
}

/** One real reply, which the bare server will repeat. */
async function askOnce(url: string, comparison: Comparison): Promise<Buffer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: comparison.calls[0] ?? '',
  });
  const reply = Buffer.from(await response.arrayBuffer());
  const isExpected = reply.toString().startsWith(comparison.replyPrefix);
  if (!isExpected) throw new Error(`an unexpected reply: ${reply.toString().slice(0, 200)}`);
  return reply;
}

async function startBare(
  session: Session,
  reply: Buffer,
): Promise<{ url: string; process: RunningProcess }> {
  const file = join(session.folder, 'reply.json');
  await writeFile(file, reply);
  const port = await findFreePort();
  const server = startProcess(
    { command: process.execPath, args: [bareServer, String(port), file] },
    session.signal,
  );
  const url = `http://127.0.0.1:${port}/`;
  await untilReady(server, url);
  return { url, process: server };
}
