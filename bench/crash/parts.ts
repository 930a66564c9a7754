import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../src/lab/host.ts';
import type { Process } from '../../src/lab/processes.ts';
import { processesOf } from '../../src/lab/processes.ts';

/** Part is a process of the product by its command, as the supervisor starts it. */
export const parts = {
  supervisor: /src\/supervisor\/main\.ts/,
  controller: /src\/controller\/main\.ts/,
  signer: /src\/controller\/signer\/main\.ts/,
  agent: /src\/gateway\/main\.ts/,
  database: /bin\/postgres -D/,
} as const;

export type Part = keyof typeof parts;

/** Sorted are the processes of each part, of each lane by its name, the probes by their device, what the database has forked, and what else there is. */
type Sorted = {
  readonly parts: ReadonlyMap<Part, readonly Process[]>;
  readonly lanes: ReadonlyMap<string, readonly Process[]>;
  readonly probes: ReadonlyMap<string, readonly Process[]>;
  readonly backends: readonly Process[];
  readonly others: readonly Process[];
};

/** partsOf sorts what runs on the region's machine. */
export async function partsOf(host: Host): Promise<Sorted> {
  const sorted = {
    parts: new Map<Part, Process[]>(),
    lanes: new Map<string, Process[]>(),
    probes: new Map<string, Process[]>(),
    backends: [] as Process[],
    others: [] as Process[],
  };
  for (const process of await processesOf(host)) {
    const [part] = Object.entries(parts).find(([, pattern]) => pattern.test(process.command)) ?? [];
    // A lane is its openvpn, and the fping that probes what lies behind it goes by the lane's device.
    const lane = /openvpn .*\/(\w+)\.conf/.exec(process.command)?.[1];
    const probed = /^\S*fping .* -I (\S+) /.exec(process.command)?.[1];
    if (process.command.startsWith('postgres: ')) sorted.backends.push(process);
    else if (lane !== undefined) sorted.lanes.set(lane, [...(sorted.lanes.get(lane) ?? []), process]);
    else if (probed !== undefined) sorted.probes.set(probed, [...(sorted.probes.get(probed) ?? []), process]);
    else if (part !== undefined) sorted.parts.set(part as Part, [...(sorted.parts.get(part as Part) ?? []), process]);
    else sorted.others.push(process);
  }
  return sorted;
}

/** Whole is what has to run: with a gateway its agent, and these lanes of connectors too; null: whichever there are. */
export type Whole = { readonly gateway: boolean; readonly lanes: ReadonlySet<string> | null };

/**
 * awaitWhole waits until exactly one process of each part runs and of each lane, that `lanes` of connectors are those that run, and nothing else does;
 * throws with what is wrong. Programs that the agent runs for a moment come and go.
 */
export async function awaitWhole(host: Host, { gateway, lanes }: Whole, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    const sorted = await partsOf(host);
    const running = [...sorted.lanes.keys()].filter((lane) => lane.startsWith('c'));
    const wrong = [
      ...Object.keys(parts)
        .filter((part) => gateway || part !== 'agent')
        .map((part) => [part, sorted.parts.get(part as Part)?.length ?? 0] as const),
      ...[...sorted.lanes, ...sorted.probes].map(([lane, processes]) => [lane, processes.length] as const),
    ]
      .flatMap(([name, count]) => (count === 1 ? [] : [`${count} of ${name}`]))

      .concat([...(lanes ?? [])].filter((lane) => gateway && !running.includes(lane)).map((lane) => `no lane ${lane}`))
      .concat(running.filter((lane) => lanes !== null && !lanes.has(lane)).map((lane) => `a lane ${lane} of no connector`))
      .concat(sorted.others.map(({ pid, command }) => `${pid} ${command}`));
    if (wrong.length === 0) return;
    if (performance.now() > end) throw new Error(`these processes are not as after a first start: ${wrong.join('; ')}`);
    await delay(20);
  }
}
