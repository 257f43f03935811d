import { createServer } from 'node:http';

/**
 * An upstream panel that is never what a measurement waits for: it keeps a count per order and
 * nothing else, so rows of a million orders cost no more than their text. Started as
 * `fake-upstream.ts PORT ORDERS QUANTITY POLLS_PER_CHANGE`: the orders 1 to ORDERS exist, new ones
 * follow. Every order is In progress, and delivers one more each POLLS_PER_CHANGE-th time it is
 * asked for; orders take turns, so that one row in POLLS_PER_CHANGE changes from one poll to the
 * next. `GET /counts` tells what was asked.
 */
const [port = 0, orders = 0, quantity = 1, pollsPerChange = 10] = process.argv.slice(2).map(Number);
const roomForNew = 4_000_000;
const polls = new Uint16Array(orders + roomForNew);
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
  const delivered = Math.floor((asked + (id % pollsPerChange)) / pollsPerChange);
  // At least one is always left, so that the order is asked for again.
  const remains = Math.max(1, quantity - delivered);
  return (
    `{"charge":"0.90","start_count":"${id}","status":"In progress",` +
    `"remains":"${remains}","currency":"USD"}`
  );
}
