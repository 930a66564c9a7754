import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { awaitCondition } from './await-condition.ts';
import type { Region } from './shapes/region.ts';

/** GatewayView reads the gateway's own routing table, as `ip` shows it on the region's host. */
export class GatewayView {
  readonly #region: Region;
  readonly #table: number;

  constructor(region: Region) {
    this.#region = region;
    const text = readFileSync(join(region.dataDirectory, 'installation.json'), 'utf8');
    this.#table = 9600 + z.object({ number: z.int() }).parse(JSON.parse(text)).number;
  }

  /** The lane's device that an address is routed to; undefined when it is not routed. */
  async deviceOf(address: string): Promise<string | undefined> {
    const { stdout } = await this.#region.host.run(['ip', '-j', 'route', 'show', 'table', String(this.#table), 'match', address]);
    if (stdout.trim() === '') return undefined;
    const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional() })).parse(JSON.parse(stdout));
    return routes.find((route) => route.dst !== 'default')?.dev;
  }

  awaitDeviceOf(address: string): Promise<string> {
    return awaitCondition(`the gateway routes ${address} to a lane`, () => this.deviceOf(address));
  }
}
