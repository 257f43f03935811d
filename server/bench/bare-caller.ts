import { Agent, request } from 'node:http';

/**
 * What a client without a panel around it gets out of an upstream: calls of one kind from a number
 * of connections for some seconds, replies read and thrown away. Started as `bare-caller.ts URL
 * (add|status) CONNECTIONS SECONDS ORDERS`; prints orders per second as JSON. An add has a
 * connection of its own, as the panel's have; a list has 100 ids.
 */
const [url = '', kind = '', ...numbers] = process.argv.slice(2);
const [connections = 1, seconds = 1, orders = 1] = numbers.map(Number);
const idsPerList = 100;
const agent = kind === 'add' ? false : new Agent({ keepAlive: true, maxSockets: connections });
const startedMs = performance.now();
const endMs = startedMs + seconds * 1_000;
let done = 0;
let nextId = 1;

await Promise.all(Array.from({ length: connections }, callUntilEnd));
const tookSeconds = (performance.now() - startedMs) / 1_000;
process.stdout.write(`${JSON.stringify({ perSecond: done / tookSeconds })}\n`);
process.exit(0);

async function callUntilEnd(): Promise<void> {
  while (performance.now() < endMs) {
    await call(kind === 'add' ? addBody() : statusBody());
    done += kind === 'add' ? 1 : idsPerList;
  }
}

function addBody(): string {
  return 'key=bench&action=add&service=1&link=https%3A%2F%2Fexample.com%2Fp%2F1&quantity=100';
}

function statusBody(): string {
  const ids = Array.from({ length: idsPerList }, () => {
    nextId = nextId >= orders ? 1 : nextId + 1;
    return nextId;
  });
  return `key=bench&action=status&orders=${ids.join('%2C')}`;
}

function call(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        JSON.parse(text);
        resolve();
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
