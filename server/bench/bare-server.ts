import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * The reference: what `node:http` alone can do. Reads each request's body to its end and answers
 * the same bytes every time. Started as `bare-server.ts PORT FILE`.
 */
const [port = '0', file = ''] = process.argv.slice(2);
const reply = readFileSync(file);
const headers = {
  'Content-Type': 'application/json; charset=UTF-8',
  'Content-Length': reply.length,
};

const server = createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => {
    response.writeHead(200, headers);
    response.end(reply);
  });
});
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
