import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { UpOptions } from '../contract/cli/up-options.ts';
import { lanePort, maximumUserLanes } from '../core/lanes.ts';
import { dataDirectoryAt, errorCode } from './data-directory.ts';
import type { PortHolder, Transport } from './port-holder.ts';
import { findPortHolder } from './port-holder.ts';
import type { Problem } from './start-failure.ts';

type WantedPort = {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
  readonly purpose: string;
  readonly option: string;
};

/** After a crash of the supervisor the kernel needs a moment to end its children, which still hold the ports of the last start. */
const patienceMs = 1500;

/**
 * checkPorts tries to bind every port that the start will need, and lets it go again. Connector lanes are not asked here: there may be
 * hundreds, most are never used, and one that is taken is a fault of that lane alone.
 */
export async function checkPorts(options: UpOptions): Promise<Problem[]> {
  if (options.gateway && options.listen.port === options.vpnPort) {
    return [
      {
        exitCode: 2,
        sentence: `portal and tunnels both want TCP port ${String(options.vpnPort)}: choose another port with --listen or with --vpn-port.`,
      },
    ];
  }
  const problems = await Promise.all(wantedPorts(options).map((wanted) => checkPort(wanted, options.data)));
  return problems.filter((problem) => problem !== undefined);
}

function wantedPorts(options: UpOptions): WantedPort[] {
  const { listen, vpnPort } = options;
  const wanted: WantedPort[] = [{ transport: 'tcp', ...listen, purpose: 'the portal', option: '--listen' }];
  if (!options.gateway) return wanted;
  const lanes = Math.min(availableParallelism(), maximumUserLanes);
  for (let lane = 0; lane < lanes; lane += 1) {
    wanted.push({
      transport: 'udp',
      address: '0.0.0.0',
      port: lanePort(`u${lane}`, vpnPort),
      purpose: 'tunnels',
      option: '--vpn-port',
    });
  }
  wanted.push({ transport: 'tcp', address: '0.0.0.0', port: lanePort('t0', vpnPort), purpose: 'tunnels', option: '--vpn-port' });
  return wanted;
}

async function checkPort(wanted: WantedPort, dataDirectory: string): Promise<Problem | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const error = await tryBind(wanted);
    if (error === undefined) return undefined;
    if (error === 'EADDRNOTAVAIL') {
      return {
        exitCode: 2,
        sentence: `this machine has no address ${wanted.address}: give one of its own with ${wanted.option}, or 0.0.0.0 for all of them.`,
      };
    }
    const holder = await findPortHolder(wanted.transport, wanted.port);
    // A lane that outlived a crashed supervisor goes on with its clients and is adopted (lane-keeper.ts).
    if (holder !== undefined && holder.commandLine.includes(`${dataDirectoryAt(dataDirectory).laneKeeper}/`)) return undefined;
    if (performance.now() > giveUpAt) return portProblem(wanted, error, holder);
    await delay(100);
  }
}

function portProblem(wanted: WantedPort, error: string, holder: PortHolder | undefined): Problem {
  const port = `${wanted.transport.toUpperCase()} port ${String(wanted.port)}`;
  if (error !== 'EADDRINUSE') {
    return {
      exitCode: 1,
      sentence: `${port} for ${wanted.purpose} cannot be opened on ${wanted.address} (${error}): choose another one with ${wanted.option}.`,
    };
  }
  const by = holder === undefined ? 'another process' : `${holder.name} (process ${String(holder.pid)})`;
  return {
    exitCode: 1,
    sentence: `${port} for ${wanted.purpose} is in use by ${by}: stop that, or choose another port with ${wanted.option}.`,
  };
}

/** Gives the error's code, or undefined if the port is free. */
function tryBind({ transport, address, port }: WantedPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve(errorCode(error) ?? error.message);
    if (transport === 'tcp') {
      const server = createServer((socket) => socket.destroy());
      server.once('error', fail);
      server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)));
    } else {
      const socket = createSocket('udp4');
      socket.once('error', (error) => {
        socket.close();
        fail(error);
      });
      socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
    }
  });
}
