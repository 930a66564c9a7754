import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Host } from '../../src/lab/host.ts';
import type { Endpoints } from '../shapes/endpoints.ts';

const links = z.array(z.object({ stats64: z.object({ tx: z.object({ packets: z.int() }) }) }));

/** Long enough that a ping each 5 ms outweighs whatever else a connector sends. */
const sampleMs = 300;

/**
 * carrierOf tells which of HQ's two connectors carries the flow that goes on now: by what each sends, since where both share the routes
 * the kernel alone knows which of them it chose.
 */
export async function carrierOf({ connector, second }: Endpoints['hq']): Promise<Host> {
  const machines = [connector, second];
  const before = await Promise.all(machines.map(sentBy));
  await delay(sampleMs);
  const after = await Promise.all(machines.map(sentBy));
  const [first = 0, other = 0] = after.map((packets, index) => packets - (before[index] ?? 0));
  return first >= other ? connector : second;
}

async function sentBy(machine: Host): Promise<number> {
  const [link] = links.parse(JSON.parse(await machine.must(['ip', '-s', '-j', 'link', 'show', 'dev', 'lan0'])));
  return link?.stats64.tx.packets ?? 0;
}
