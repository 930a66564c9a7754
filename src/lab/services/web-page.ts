/**
 * A web application of the lab: answers every request with a page and writes the client's address to stdout, as a server's log does.
 * /bytes/N is a download of N bytes. Usage: node web-page.ts PORT TEXT
 */
import { createServer } from 'node:http';

const [port, text] = process.argv.slice(2);
const server = createServer((request, response) => {
  console.log(`client ${request.socket.remoteAddress ?? 'unknown'}`);
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  response.end(bytes === undefined ? `${text ?? ''}\n` : Buffer.alloc(Number(bytes)));
});
server.listen(Number(port), '0.0.0.0', () => console.log('listening'));
