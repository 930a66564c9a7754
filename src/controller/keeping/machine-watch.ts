import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { sql } from 'kysely';
import type { Store } from '../store/store.ts';
import type { Condition } from './condition.ts';
import type { Room } from './machine-conditions.ts';
import { clockConditions, diskConditions, roomLevel } from './machine-conditions.ts';

/** A step of a time server is smaller, and a machine that is too busy to wake us in time may look like one. */
const jump_ms = 5_000;

/** MachineWatch knows the room and the clock of the machine that this controller runs on. */
export class MachineWatch {
  readonly machine = hostname();
  readonly #paths: readonly string[];
  readonly #clock: { readonly wall: () => number; readonly counter: () => number };
  #rooms: readonly Room[] = [];
  #last: { readonly wall: number; readonly counter: number };
  /** From before this start: what is recorded from now on has the time of the clock that is to be judged. */
  #recordedBefore: number | undefined;
  #jump: { readonly at: number; readonly by_ms: number } | null = null;

  /** `paths` are directories whose file systems must not fill up; those that are not there are passed over. */
  constructor(paths: readonly string[], clock = { wall: Date.now, counter: () => performance.now() }) {
    this.#paths = paths;
    this.#clock = clock;
    this.#last = { wall: clock.wall(), counter: clock.counter() };
  }

  /** The file systems as they were at the last look, each by the first of its paths. */
  get rooms(): readonly Room[] {
    return this.#rooms;
  }

  /** One of them is so full that nothing may be written that need not be. */
  get isFull(): boolean {
    return this.#rooms.some((room) => roomLevel(room) === 'full');
  }

  /** look reads room and clock; cheap enough for every few seconds. */
  async look(): Promise<void> {
    const [wall, counter] = [this.#clock.wall(), this.#clock.counter()];
    const by_ms = wall - this.#last.wall - (counter - this.#last.counter);
    if (Math.abs(by_ms) > jump_ms) this.#jump = { at: wall, by_ms };
    this.#last = { wall, counter };
    const rooms = await Promise.all(this.#paths.map(readRoom));
    const seen = new Set<string>();
    this.#rooms = rooms.flatMap((room) => {
      // The same figures at the same moment: the same file system. Two that are equal by chance are low together.
      const mark = room === undefined ? '' : [room.bytes, room.freeBytes, room.inodes].join();
      if (room === undefined || seen.has(mark)) return [];
      seen.add(mark);
      return [room];
    });
  }

  /** conditions judges what the last look found, with what the database says of time. */
  async conditions(store: Store): Promise<Condition[]> {
    const { rows } = await sql<{ database: Date; last: Date | null }>`
      select clock_timestamp() as database, greatest(
        (select at from event order by seq desc limit 1), (select max(reported_at) from gateway)) as last`.execute(
      store.database,
    );
    const now = this.#clock.wall();
    const [row] = rows;
    if (row === undefined) throw new Error('PostgreSQL did not say what time it is');
    this.#recordedBefore ??= row.last?.getTime() ?? 0;
    return [
      ...diskConditions(this.#rooms),
      ...clockConditions(
        { now, database: row.database.getTime(), recordedBefore: this.#recordedBefore, jump: this.#jump },
        this.machine,
      ),
    ];
  }
}

async function readRoom(path: string): Promise<Room | undefined> {
  try {
    const { bsize, bavail, blocks, ffree, files } = await statfs(path);
    return { path, freeBytes: bavail * bsize, bytes: blocks * bsize, freeInodes: ffree, inodes: files };
  } catch {
    // Not there (the database is somewhere else), or not ours to ask: nothing can be said of it.
    return undefined;
  }
}
