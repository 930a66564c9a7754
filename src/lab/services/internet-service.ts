/**
 * What stands on the internet of the lab: a web page that says by which address it sees its visitor (IPv4 and IPv6), and a resolver that
 * knows one answer to everything. Both say on stdout whom they served, as logs do. Usage: node internet-service.ts WEB-ADDRESS RESOLVER-ADDRESS
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { dnsAnswer } from './dns-answer.ts';

const [webAddress = '', resolverAddress = ''] = process.argv.slice(2);

const web = createServer((request, response) => {
  const visitor = (request.socket.remoteAddress ?? 'unknown').replace('::ffff:', '');
  console.log(`visitor ${visitor}`);
  response.end(`you come from ${visitor}\n`);
});
web.listen(80, '::');

const resolver = createSocket('udp4');
resolver.on('message', (query, client) => {
  const answered = dnsAnswer(query, webAddress);
  if (answered === undefined) return;
  console.log(`query ${answered.name} from ${client.address}`);
  resolver.send(answered.answer, client.port, client.address);
});
resolver.bind(53, resolverAddress);

await Promise.all([once(web, 'listening'), once(resolver, 'listening')]);
console.log('listening');
