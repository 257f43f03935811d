import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail as an SMTP server receives it. */
export type Received = { from: string; to: string; headers: Map<string, string>; text: string };

/** An SMTP server that keeps what it is sent, and refuses when it is told to. */
export type FakeSmtp = {
  url: string;
  received: Received[];
  /** The answer to the next mails' recipients; `250` takes them. */
  answer: string;
  close: () => Promise<void>;
};

/** Starts an SMTP server on a free port of this machine. */
export async function startFakeSmtp(): Promise<FakeSmtp> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void converse(socket, fake).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const fake: FakeSmtp = {
    url: `smtp://127.0.0.1:${port}`,
    received: [],
    answer: '250 OK',
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

async function converse(socket: Socket, fake: FakeSmtp): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  const envelope = { from: '', to: '' };
  let data: string[] | undefined;
  say('220 fake');
  for await (const line of createInterface({ input: socket })) {
    if (data === undefined) {
      if (/^DATA/i.test(line)) data = [];
      say(answerTo(line, envelope, fake));
    } else if (line === '.') {
      fake.received.push(parse({ ...envelope, lines: data }));
      data = undefined;
      say('250 OK');
    } else data.push(line.startsWith('..') ? line.slice(1) : line);
  }
}

function answerTo(line: string, envelope: { from: string; to: string }, fake: FakeSmtp): string {
  const command = line.slice(0, 4).toUpperCase();
  if (command === 'MAIL') envelope.from = addressIn(line);
  if (command === 'RCPT') envelope.to = addressIn(line);
  const answers: Record<string, string> = { RCPT: fake.answer, DATA: '354 go on', QUIT: '221 bye' };
  return answers[command] ?? '250 OK';
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

function parse(mail: { from: string; to: string; lines: readonly string[] }): Received {
  const end = mail.lines.indexOf('');
  const unfolded = mail.lines.slice(0, end).join('\n').replace(/\n\s+/g, ' ').split('\n');
  const headers = new Map(
    unfolded.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
    }),
  );
  const body = mail.lines.slice(end + 1).join('\n');
  const text = decodeBody(body, headers.get('content-transfer-encoding') ?? '');
  return { from: mail.from, to: mail.to, headers, text };
}

function decodeBody(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? decodeQuoted(body.replace(/=\n/g, '')) : body;
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Header words such as `=?UTF-8?B?…?=` (RFC 2047). */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decodeQuoted(word.replaceAll('_', ' ')),
    );
}
