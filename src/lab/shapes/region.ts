import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { awaitCondition } from '../await-condition.ts';
import { defaultFailoverTimings } from '../../core/failover/timings.ts';
import type { Host, Started } from '../host.ts';
import type { World } from '../world.ts';
import type { Internet } from './internet.ts';
import { connectToInternet } from './internet.ts';

/** Region is a machine that runs `causeway up`: database, controller and gateway. */
export type Region = {
  readonly host: Host;
  readonly address: string;
  readonly dataDirectory: string;
  /** https://HOST of the ready line. */
  readonly url: string;
  /** What `up` has written to stderr so far, for failures. */
  readonly log: () => string;
  /** Adds the end of that log to the error of something that needed the region. */
  readonly explain: <Value>(needed: Promise<Value>) => Promise<Value>;
  /** The process of `causeway up`. */
  readonly process: Started;
};

const checkout = join(import.meta.dirname, '..', '..', '..');
const cli = join(checkout, 'src', 'cli', 'main.ts');

/** The words of a `causeway` command on this machine; the launcher has already done its part when the lab runs. */
export function causeway(...args: readonly string[]): string[] {
  return [process.execPath, cli, ...args];
}

/** Where the region's uplink lies; it is .2 there. */
export const regionSubnet = '203.0.113.';

/** Times of the gateway that a scenario may shorten: fields of GatewaySettings (src/gateway/settings.ts) in JSON's words. */
export type GatewayTimes = Readonly<Record<string, unknown>>;

/** A connector that failed is believed again after 30 s, which the lab does not want to wait for; failing takes as long as ever. */
export const recoveryMs = 3_000;
export const quickRecovery: GatewayTimes = { failover: { ...defaultFailoverTimings, recoveryMs } };

/** buildRegion builds the machine and starts the product there. Throws with the product's own words when it ends instead. */
export async function buildRegion(world: World, internet: Internet, times?: GatewayTimes): Promise<Region> {
  const host = await world.host('region');
  const address = await connectToInternet(world, internet, host, regionSubnet);
  const dataDirectory = join(world.directory, 'd');
  mkdirSync(dataDirectory);
  return startProduct({ host, address, dataDirectory }, times === undefined ? {} : { times });
}

/** RegionMachine is a machine with or without a running product. */
export type RegionMachine = Pick<Region, 'host' | 'address' | 'dataDirectory'>;

/** StartPlan is what differs from an ordinary start: times of the gateway, options of `causeway up`, and how long it may take to be ready. */
export type StartPlan = { readonly times?: GatewayTimes; readonly options?: readonly string[]; readonly withinMs?: number };

/** startProduct starts the product on a machine, for the first time or again, and waits for its ready line. */
export async function startProduct(
  { host, address, dataDirectory }: RegionMachine,
  { times, options = [], withinMs = 60_000 }: StartPlan = {},
): Promise<Region> {
  const environment = times === undefined ? [] : ['env', `CAUSEWAY_GATEWAY_SETTINGS=${JSON.stringify(times)}`];
  const up = causeway('up', '--data', dataDirectory, '--hostname', address, '--listen', '0.0.0.0:443', ...options);
  const child = host.start([...environment, ...up]);
  let said = '';
  let log = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
  });
  const explain = <Value>(needed: Promise<Value>): Promise<Value> =>
    needed.catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n--- region ---\n${log.slice(-4000)}`);
    });
  const url = await explain(
    awaitCondition(
      'the ready line of causeway up',
      () => {
        if (child.exitCode !== null) throw new Error(`causeway up ended with ${child.exitCode}`);
        return /^ready (\S+)$/m.exec(said)?.[1];
      },
      { withinMs, everyMs: 20 },
    ),
  );
  return { host, address, dataDirectory, url, log: () => log, explain, process: child };
}
