import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { awaitCondition } from './await-condition.ts';
import type { Region } from './shapes/region.ts';

/** GatewayView reads the gateway's own routing table, as `ip` shows it on the region's host. */
export class GatewayView {
  readonly #region: Region;
  readonly #installation: number;

  constructor(region: Region) {
    this.#region = region;
    const text = readFileSync(join(region.dataDirectory, 'installation.json'), 'utf8');
    this.#installation = z.object({ number: z.int() }).parse(JSON.parse(text)).number;
  }

  /** The lane's device that an address is routed to; undefined when it is not routed. */
  async deviceOf(address: string): Promise<string | undefined> {
    return (await this.devicesOf(address))[0];
  }

  /** All of them, where connectors share an address's flows. */
  async devicesOf(address: string): Promise<readonly string[]> {
    const table = String(9600 + this.#installation);
    const { stdout } = await this.#region.host.run(['ip', '-j', 'route', 'show', 'table', table, 'match', address]);
    if (stdout.trim() === '') return [];
    const hop = z.object({ dev: z.string() });
    const routes = z.array(z.object({ dst: z.string(), dev: z.string().optional(), nexthops: z.array(hop).default([]) }));
    const route = routes.parse(JSON.parse(stdout)).find(({ dst }) => dst !== 'default');
    if (route === undefined) return [];
    return route.dev === undefined ? route.nexthops.map(({ dev }) => dev) : [route.dev];
  }

  awaitDeviceOf(address: string): Promise<string> {
    return awaitCondition(`the gateway routes ${address} to a lane`, () => this.deviceOf(address));
  }

  /** The lanes of connectors by which traffic may leave for the internet, as the gateway's firewall knows them. */
  async internetLanes(): Promise<readonly string[]> {
    const text = await this.#region.host.must(['nft', '-j', 'list', 'set', 'inet', `causeway_${this.#installation}`, 'egress']);
    const listed = z.object({
      nftables: z.array(z.object({ set: z.object({ elem: z.array(z.string()).default([]) }).optional() })),
    });
    return listed.parse(JSON.parse(text)).nftables.flatMap(({ set }) => set?.elem ?? []);
  }

  /** The devices by which the gateway may send packets for the internet, one for each class of sources; none where all are refused. */
  async waysOut(): Promise<readonly string[]> {
    const text = await this.#region.host.must(['ip', '-j', 'route', 'show', 'table', 'all', 'default']);
    const routes = z.array(z.object({ table: z.string().default('main'), dev: z.string().optional() })).parse(JSON.parse(text));
    // The numbers of src/gateway/kernel/ownership.ts: classes 1 to 1022, and 1023 for the way back.
    const first = 20_000 + this.#installation * 2048;
    return routes.flatMap(({ table, dev }) => {
      const number = Number(table) - first;
      return dev !== undefined && number >= 1 && number <= 1022 ? [dev] : [];
    });
  }
}
