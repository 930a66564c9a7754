/**
 * A web application of the lab: answers every request with a page and writes the client's address to stdout, as a server's log does.
 * /bytes/N is a download of N bytes,
 * a pattern whose length is prime, so that a piece that is lost or comes twice shows. Usage: node web-page.ts PORT TEXT
 */
import { createServer } from 'node:http';

const [port, text] = process.argv.slice(2);
const pattern = 'a download of the lab, byte by byte as sent';
const server = createServer((request, response) => {
  console.log(`client ${request.socket.remoteAddress ?? 'unknown'}`);
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  response.end(bytes === undefined ? `${text ?? ''}\n` : Buffer.alloc(Number(bytes), pattern));
});
server.listen(Number(port), '0.0.0.0', () => console.log('listening'));
