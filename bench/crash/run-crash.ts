/**
 * Rounds of cuts during writes: writers change the model over the API, something is ended without a word, the product is started again, and what
 * it has is compared with what the writers were told.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addGroup } from '../../src/lab/actions/add-person.ts';
import { Administrator } from '../../src/lab/administrator.ts';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Disk } from '../../src/lab/disk.ts';
import type { Host } from '../../src/lab/host.ts';
import { buildInternet, connectToInternet } from '../../src/lab/shapes/internet.ts';
import type { Region, StartPlan } from '../../src/lab/shapes/region.ts';
import { startProduct } from '../../src/lab/shapes/region.ts';
import type { World } from '../../src/lab/world.ts';
import { seeded } from '../chaos/random.ts';
import { withInstallationStore } from '../shapes/installation-store.ts';
import { Caller } from './caller.ts';
import { checkWriters } from './check-writers.ts';
import { dealCut } from './deal-cut.ts';
import type { Mark } from './inspect-store.ts';
import { lanesOf, readMark } from './inspect-store.ts';
import { awaitWhole } from './parts.ts';
import type { Cut, Round } from './plan.ts';
import { Writers } from './writers.ts';

/** What a start needs, from the kill until the API answers and every part runs once. On a machine that is busy it takes longer. */
export const readyWithinMs = 5_000;

/** After this long somebody would have to help. */
const helpNeededAfterMs = 180_000;

const writerCount = 5;
const diskMegabytes = 1024;

/** CrashRound is what one round has shown. */
export type CrashRound = Round & {
  readonly number: number;
  /** From the kill until the API answered an authenticated call and every part ran. */
  readonly recoveredMs: number;
  readonly acknowledged: number;
  /** Changes whose answer was lost: those that were found done, as a whole, and those that were not. */
  readonly lostAnswers: { readonly done: number; readonly notDone: number };
  /** What contradicts the promise; nothing in a round that passed. */
  readonly violations: readonly string[];
};

export type CrashWatcher = { readonly tell: (round: CrashRound) => void; readonly enough: () => boolean };

/** CrashPlan says what is done to what; without a gateway a round costs half, and the writes are the same. */
export type CrashPlan = { readonly seed: number; readonly gateway: boolean; readonly rounds: readonly Round[] };

/**
 * runCrash deals one cut after the other to an installation of its own and tells each round, until `enough` says that no more are wanted. Throws when a
 * start needs help.
 */
export async function runCrash(world: World, plan: CrashPlan, { tell, enough }: CrashWatcher): Promise<void> {
  const installation = await Installation.start(world, plan);
  try {
    for (const [index, round] of plan.rounds.entries()) {
      if (enough()) break;
      tell(await installation.run(round, index + 1));
    }
    await installation.endInOrder();
  } finally {
    installation.caller[Symbol.dispose]();
  }
}

/** Installation is the product on a disk of its own, with the writers that work on it. */
class Installation {
  readonly caller: Caller;
  readonly #gateway: boolean;
  readonly #host: Host;
  readonly #disk: Disk;
  readonly #writers: Writers;
  readonly #random: () => number;
  readonly #files: ReadonlySet<string>;
  #region: Region;
  #mark: Mark;

  private constructor(
    disk: Disk,
    region: Region,
    caller: Caller,
    writers: Writers,
    mark: Mark,
    { seed, gateway }: Pick<CrashPlan, 'seed' | 'gateway'>,
  ) {
    this.#gateway = gateway;
    this.#host = region.host;
    this.#disk = disk;
    this.#region = region;
    this.caller = caller;
    this.#writers = writers;
    this.#mark = mark;
    this.#random = seeded(seed);
    this.#files = new Set(ownFiles(disk.path));
  }

  static async start(world: World, { seed, gateway }: CrashPlan): Promise<Installation> {
    const internet = await buildInternet(world);
    const host = await world.host('region');
    const address = await connectToInternet(world, internet, host, '203.0.113.');
    const disk = await world.disk('d', diskMegabytes);
    const region = await startProduct({ host, address, dataDirectory: disk.path }, startPlan(gateway));
    const administrator = await Administrator.signIn(internet.router, region);
    const group = await addGroup(administrator, 'Writers');
    const caller = new Caller(internet.router, region, administrator.token);
    await awaitWhole(host, { gateway, lanes: new Set() }, helpNeededAfterMs);
    const mark = await withInstallationStore(region, readMark);
    return new Installation(disk, region, caller, new Writers(caller, group.id, writerCount, seed), mark, { seed, gateway });
  }

  /** run is one round. Throws, with the product's own words, when it does not come back by itself. */
  async run(round: Round, number: number): Promise<CrashRound> {
    const before = this.#writers.acknowledged;
    this.#writers.begin();
    await this.#writers.answered(round.afterAnswers);
    await delay(round.thenMs);
    const cutAt = performance.now();
    await this.#recover(round.cut);
    await this.#writers.stop();
    const lanes = await withInstallationStore(this.#region, lanesOf);
    await this.#region.explain(awaitWhole(this.#host, { gateway: this.#gateway, lanes }, helpNeededAfterMs));
    const recoveredMs = Math.round(performance.now() - cutAt);
    const checked = await checkWriters(this.#region, this.#writers, this.#mark);
    this.#mark = checked.mark;
    const leftFiles = await this.#leftFiles();
    return {
      ...round,
      number,
      recoveredMs,
      acknowledged: this.#writers.acknowledged - before,
      lostAnswers: checked.lostAnswers,
      violations: [...checked.violations, ...leftFiles.map((file) => `${file} was left in the data directory`)],
    };
  }

  /** What is left when the agent has had time to finish what it just writes. */
  async #leftFiles(): Promise<readonly string[]> {
    let left: readonly string[] = [];
    const look = () => {
      left = ownFiles(this.#disk.path).filter((file) => !this.#files.has(file));
      return left.length === 0 ? true : undefined;
    };
    // It flushes what it writes, and on a busy disk that waits for everything else.
    await awaitCondition('no other file is in the data directory', look, { withinMs: 120_000 }).catch(() => undefined);
    // Not looked at once more: it may be writing again.
    return left;
  }

  /** endInOrder is how it ends when nothing is wrong: with exit code 0 and no process left. */
  async endInOrder(): Promise<void> {
    await this.#host.stop(15_000);
    const { exitCode } = this.#region.process;
    if (exitCode !== 0) throw new Error(`causeway up ended with ${String(exitCode)}: ${this.#region.log().slice(-3000)}`);
  }

  async #recover(cut: Cut): Promise<void> {
    const { restart } = await dealCut(this.#host, this.#disk, cut, this.#random);
    if (restart) this.#region = await startProduct(this.#region, startPlan(this.#gateway));
    await this.#region.explain(
      awaitCondition(
        'the API answers',
        async () => {
          const answer = await this.caller.call('GET', '/api/v1/networks?size=1');
          if (answer.kind === 'lost') throw new Error(answer.reason);
          if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
          return true;
        },
        { withinMs: helpNeededAfterMs, everyMs: 20 },
      ),
    );
  }
}

function startPlan(gateway: boolean): StartPlan {
  return { options: gateway ? [] : ['--no-gateway'], withinMs: helpNeededAfterMs };
}

/** What the product itself has put into its directory; the files of the database, of lanes' logs and of compiled modules have lives of their own. */
function ownFiles(root: string): readonly string[] {
  const others = ['pg/data/', 'cache/', 'lost+found', 'gateway/lanes/', 'lane-keeper/'];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !others.some((other) => file.startsWith(other)));
}
