/**
 * One end of the flows of the kernel comparison: a process in a host's namespace, told by lines of JSON on standard input what to send, that
 * says on standard output what came. It answers every datagram with itself.
 */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { FlowCommand, FlowEvent, TestFlow } from '../flow.ts';

const listeners: Socket[] = [];

for await (const line of createInterface({ input: process.stdin })) await carryOut(JSON.parse(line) as FlowCommand);
process.exit(0);

function say(event: FlowEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function carryOut(command: FlowCommand): Promise<void> {
  switch (command.kind) {
    case 'listen': {
      for (const address of command.addresses) for (const port of command.ports) await listen(address, port);
      say({ kind: 'ready' });
      break;
    }
    case 'send': {
      await Promise.all(
        command.flows.map((flow) => (flow.protocol === 'udp' ? sendDatagram(flow) : openConnection(flow, command.limit_ms))),
      );
      say({ kind: 'sent' });
      break;
    }
    case 'close': {
      for (const socket of listeners.splice(0)) socket.close();
      say({ kind: 'closed' });
    }
  }
}

async function listen(address: string, port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address: source, port: sourcePort }) => {
    say({ kind: 'arrived', id: message.toString().trim(), source, sourcePort, destination: address, destinationPort: port });
    socket.send(message, sourcePort, source);
  });
  socket.on('error', () => undefined);
  socket.bind(port, address);
  await once(socket, 'listening');
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.destroy();
  });
  server.listen(port, address);
  await once(server, 'listening');
}

async function sendDatagram({ id, source, sourcePort, destination, destinationPort }: TestFlow): Promise<void> {
  const socket = createSocket('udp4');
  listeners.push(socket);
  socket.on('message', (message) => say({ kind: 'answered', id: message.toString().trim() }));
  // A refusal that came back as ICMP.
  socket.on('error', () => undefined);
  socket.bind(sourcePort, source);
  await once(socket, 'listening');
  await new Promise<void>((resolve) => socket.send(id.padEnd(12), destinationPort, destination, () => resolve()));
}

async function openConnection(flow: TestFlow, limit_ms: number): Promise<void> {
  const { id, source, sourcePort, destination, destinationPort } = flow;
  const socket = connect({ host: destination, port: destinationPort, localAddress: source, localPort: sourcePort });
  await new Promise<void>((resolve) => {
    socket.setTimeout(limit_ms, () => resolve());
    socket.once('error', () => resolve());
    socket.once('connect', () => {
      say({ kind: 'answered', id });
      resolve();
    });
  });
  socket.resetAndDestroy();
}
