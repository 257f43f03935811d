import { createServer } from 'node:http';

/**
 * An upstream panel that is never what a measurement waits for: it keeps a count per order and
 * nothing else, so rows of a million orders cost no more than their text. Started as
 * `fake-upstream.ts PORT ORDERS QUANTITY POLLS_PER_CHANGE ENDS_AFTER_MS`: the orders 1 to ORDERS
 * exist, new ones follow. Every order is In progress, and delivers one more each
 * POLLS_PER_CHANGE-th time it is asked for; orders take turns, so that one row in POLLS_PER_CHANGE
 * changes from one poll to the next. Unless ENDS_AFTER_MS is 0, new ones deliver by time, and are
 * over after so long: of ten one is cancelled then, and one has delivered half.
 * `GET /counts` tells what was asked.
 */
const [port = 0, orders = 0, quantity = 1, pollsPerChange = 10, endsAfterMs = 0] = process.argv
  .slice(2)
  .map(Number);
const roomForNew = 4_000_000;
const polls = new Uint16Array(orders + roomForNew);
/** Of new ones. */
const quantities = new Uint32Array(roomForNew);
const addedMs = new Float64Array(roomForNew);
const counts = { adds: 0, statusCalls: 0, rows: 0, otherCalls: 0 };
const headers = { 'Content-Type': 'application/json; charset=UTF-8' };
const unknownOrder = '{"error":"Incorrect order ID"}';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const isCounts = request.url === '/counts';
    const body = isCounts ? JSON.stringify(counts) : answer(Buffer.concat(chunks).toString());
    response.writeHead(200, { ...headers, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));

function answer(body: string): string {
  switch (/(?:^|&)action=([a-z_]*)/.exec(body)?.[1]) {
    case 'add':
      quantities[counts.adds] = Number(/(?:^|&)quantity=([0-9]+)/.exec(body)?.[1] ?? quantity);
      addedMs[counts.adds] = performance.now();
      counts.adds += 1;
      return `{"order":${orders + counts.adds}}`;
    case 'status':
      counts.statusCalls += 1;
      return answerStatus(body);
    case 'balance':
      counts.otherCalls += 1;
      return '{"balance":"1000000.00","currency":"USD"}';
    case 'services':
      counts.otherCalls += 1;
      return (
        '[{"service":1,"name":"Likes","type":"Default","category":"Social","rate":"0.90",' +
        `"min":"1","max":"${quantity}","dripfeed":false,"refill":false,"cancel":false}]`
      );
    default:
      counts.otherCalls += 1;
      return '{"error":"Incorrect request"}';
  }
}

function answerStatus(body: string): string {
  const listed = /(?:^|&)orders=([^&]*)/.exec(body)?.[1];
  if (listed === undefined) return printRow(Number(/(?:^|&)order=([0-9]+)/.exec(body)?.[1] ?? 0));
  const rows = listed.split(/%2C|,/i).map((id) => `"${id}":${printRow(Number(id))}`);
  return `{${rows.join(',')}}`;
}

function printRow(id: number): string {
  counts.rows += 1;
  const asked = polls[id];
  if (!(id > 0) || asked === undefined || id > orders + counts.adds) return unknownOrder;
  polls[id] = asked + 1;
  const ordered = quantities[id - orders - 1] ?? quantity;
  if (endsAfterMs > 0 && id > orders) {
    return printByTime(id, ordered, performance.now() - (addedMs[id - orders - 1] ?? 0));
  }
  const delivered = Math.floor((asked + (id % pollsPerChange)) / pollsPerChange);
  // At least one is always left, so that the order is asked for again.
  return print(id, 'In progress', Math.max(1, ordered - delivered));
}

function printByTime(id: number, ordered: number, ageMs: number): string {
  if (ageMs < endsAfterMs) {
    return print(id, 'In progress', Math.ceil(ordered * (1 - ageMs / endsAfterMs)));
  }
  if (id % 10 === 0) return print(id, 'Canceled', ordered);
  if (id % 10 === 1) return print(id, 'Partial', Math.ceil(ordered / 2));
  return print(id, 'Completed', 0);
}

function print(id: number, status: string, remains: number): string {
  const charge = status === 'Canceled' ? '0.00' : '0.90';
  return (
    `{"charge":"${charge}","start_count":"${id}","status":"${status}",` +
    `"remains":"${remains}","currency":"USD"}`
  );
}
