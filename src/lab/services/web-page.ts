/**
 * A web application of the lab: answers every request with a page and writes the client's address to stdout, as a server's log does.
 * Usage: node web-page.ts PORT TEXT
 */
import { createServer } from 'node:http';

const [port, text] = process.argv.slice(2);
const server = createServer((request, response) => {
  console.log(`client ${request.socket.remoteAddress ?? 'unknown'}`);
  response.end(`${text ?? ''}\n`);
});
server.listen(Number(port), '0.0.0.0', () => console.log('listening'));
