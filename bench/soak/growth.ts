import { readdirSync } from 'node:fs';
import { processesOf } from '../../src/lab/processes.ts';
import type { Region } from '../../src/lab/shapes/region.ts';
import type { Part } from '../crash/parts.ts';
import { partsOf } from '../crash/parts.ts';
import { ownMemoryOf } from '../measure/memory.ts';
import type { Point } from './judge.ts';
import { trend } from './judge.ts';

/** Most that a series may have grown over a run, by its trend: what an administrator's changes make it sway by, and no more. */
const bounds: Readonly<Record<string, number>> = { memory: 40, handles: 32, processes: 4, routes: 20, elements: 40, rules: 6 };

/** Growth keeps what must not grow, measured while everything is whole. */
export class Growth {
  readonly #series = new Map<string, Point[]>();

  /** measure takes one point of each. */
  async measure({ host }: Region): Promise<void> {
    const { parts, lanes } = await partsOf(host);
    const atMs = Date.now();
    const add = (name: string, value: number) => {
      const points = this.#series.get(name) ?? [];
      points.push({ atMs, value });
      this.#series.set(name, points);
    };
    for (const part of ['controller', 'agent', 'signer', 'supervisor', 'database'] satisfies Part[]) {
      const pids = (parts.get(part) ?? []).map(({ pid }) => pid);
      add(`memory of the ${part}, MB`, ownMemoryOf(pids));
      add(
        `handles of the ${part}`,
        pids.reduce((sum, pid) => sum + handlesOf(pid), 0),
      );
    }
    const lanePids = [...lanes].filter(([lane]) => /^(?:u|t|h)/.test(lane)).flatMap(([, found]) => found.map(({ pid }) => pid));
    add("memory of people's and shared lanes, MB", ownMemoryOf(lanePids));
    add(
      "handles of people's and shared lanes",
      lanePids.reduce((sum, pid) => sum + handlesOf(pid), 0),
    );
    add('processes', (await processesOf(host)).length);
    const count = async (...argv: string[]) => (await host.run(argv)).stdout.split('\n').filter((line) => line !== '').length;
    add('routes', await count('ip', '-4', 'route', 'show', 'table', 'all'));
    add('rules', await count('ip', 'rule', 'show'));
    const ruleset = (await host.run(['nft', '-j', 'list', 'ruleset'])).stdout;
    add('elements of sets', elementsIn(JSON.parse(ruleset === '' ? '{}' : ruleset)));
  }

  /** figures gives each series with its trend and bound; without the points of the first, in which caches fill. */
  figures(): readonly { readonly name: string; readonly grew: number; readonly last: number; readonly bound: number }[] {
    return [...this.#series].map(([name, points]) => {
      const [kind = ''] = Object.keys(bounds).filter((each) => name.includes(each));
      const settled = points.slice(Math.ceil(points.length / 5));
      return { name, grew: trend(settled), last: points.at(-1)?.value ?? 0, bound: bounds[kind] ?? 0 };
    });
  }
}

function handlesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** elementsIn counts the elements of all sets and maps of a listing, however deep. */
function elementsIn(listing: unknown): number {
  if (Array.isArray(listing)) return listing.reduce<number>((sum, each) => sum + elementsIn(each), 0);
  if (typeof listing !== 'object' || listing === null) return 0;
  return Object.entries(listing).reduce(
    (sum, [key, value]) => sum + (key === 'elem' && Array.isArray(value) ? value.length : elementsIn(value)),
    0,
  );
}
