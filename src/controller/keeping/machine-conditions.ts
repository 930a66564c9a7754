import type { Condition } from './condition.ts';

/** Room is what a file system has left for who is not root, and how much there is. Inodes are 0 of 0 where it makes them as needed. */
export type Room = {
  readonly path: string;
  readonly freeBytes: number;
  readonly bytes: number;
  readonly freeInodes: number;
  readonly inodes: number;
};

const mebibyte = 1024 * 1024;

/**
 * Below this nothing is changed any more by hand: PostgreSQL needs room for its log (a segment has 16 MiB, and it writes ahead several), and ends itself where
 * it finds none; what is deleted needs some before it gives any back.
 */
const fullBytes = 128 * mebibyte;
const fullInodes = 500;

/** A twentieth is left, unless that is a lot: time to act before anything stops. */
const lowShare = 0.05;
const lowBytes = 1024 * mebibyte;
const plentyBytes = 10 * 1024 * mebibyte;

export type RoomLevel = 'enough' | 'low' | 'full';

/** roomLevel judges one file system. A small one is low when a tenth of it is left, since its last GiB may be all of it. */
export function roomLevel({ freeBytes, bytes, freeInodes, inodes }: Room): RoomLevel {
  const isCounted = inodes > 0;
  if (freeBytes < fullBytes || (isCounted && freeInodes < fullInodes)) return 'full';
  const isLow = freeBytes < Math.min(lowBytes, bytes / 10) || (freeBytes < bytes * lowShare && freeBytes < plentyBytes);
  return isLow || (isCounted && freeInodes < inodes * lowShare && freeInodes < 10_000) ? 'low' : 'enough';
}

/** diskConditions says which file systems are low or full. One that holds several of the paths is named once. */
export function diskConditions(rooms: readonly Room[]): Condition[] {
  return rooms.flatMap((room) => {
    const level = roomLevel(room);
    if (level === 'enough') return [];
    const { path, freeBytes, freeInodes, inodes } = room;
    const left = `${inMebibytes(freeBytes)} MiB${inodes > 0 ? ` and ${String(freeInodes)} inodes` : ''}`;
    const remedy =
      'Make room there or give it more; causeway housekeeping shows what the database holds, and causeway setting set retention how long it keeps it';
    return [
      {
        key: `disk ${path}`,
        code: level === 'full' ? ('disk-full' as const) : ('disk-low' as const),
        level,
        entity: 'installation',
        entityId: path,
        message:
          level === 'full'
            ? `The file system of ${path} is full: ${left} are left. Tunnels go on, but changes are refused so that the database survives. ${remedy}.`
            : `The file system of ${path} is nearly full: ${left} are left. Below ${inMebibytes(fullBytes)} MiB changes are refused. ${remedy}.`,
      },
    ];
  });
}

function inMebibytes(bytes: number): string {
  return String(Math.floor(bytes / mebibyte));
}

/** ClockFacts: times in milliseconds since 1970. */
export type ClockFacts = {
  readonly now: number;
  /** What the database says is now, read together with `now`. */
  readonly database: number;
  /** The latest moment that anything was recorded at before this start. */
  readonly recordedBefore: number;
  /** The last jump of this machine's clock against its own counter. */
  readonly jump: { readonly at: number; readonly by_ms: number } | null;
};

/** What a time server corrects by itself, and a slow query may seem to be. */
const tolerance_ms = 60_000;

/** A jump is told for this long: its consequences (tokens, codes, certificates) show within it. */
const jumpToldFor_ms = 3_600_000;

const remedy = 'See timedatectl, and let chrony or systemd-timesyncd set the clock';

/** clockConditions says what is wrong with the clock of this machine, host name `machine`, as far as that can be known from inside. */
export function clockConditions({ now, database, recordedBefore, jump }: ClockFacts, machine: string): Condition[] {
  const about = { level: '', entity: 'installation', entityId: machine };
  const conditions: Condition[] = [];
  if (recordedBefore - now > tolerance_ms) {
    conditions.push({
      ...about,
      key: 'clock-behind',
      code: 'clock-behind',
      message: `The clock of ${machine} says ${iso(now)}, but something was recorded at ${iso(recordedBefore)}, before the controller was started: it is wrong now, or was wrong then. While it is wrong, certificates count as expired or not valid yet, and codes of authenticator apps are refused. ${remedy}.`,
    });
  }
  if (Math.abs(database - now) > tolerance_ms) {
    conditions.push({
      ...about,
      key: 'clock-differs',
      code: 'clock-differs',
      message: `The clock of ${machine} is ${span(now - database)} ${now < database ? 'behind' : 'ahead of'} the database's: tokens and links end too early or too late. ${remedy}, on both.`,
    });
  }
  if (jump !== null && now - jump.at < jumpToldFor_ms) {
    conditions.push({
      ...about,
      key: 'clock-jumped',
      code: 'clock-jumped',
      level: iso(jump.at),
      message: `The clock of ${machine} went ${jump.by_ms < 0 ? 'back' : 'forward'} by ${span(jump.by_ms)} at ${iso(jump.at)}, or the machine slept: what was issued or ended meanwhile has the wrong time. ${remedy}.`,
    });
  }
  return conditions;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** span is a length of time for people, in the largest unit of which there are two. */
export function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7_200) return `${String(Math.round(seconds / 60))} min`;
  return seconds < 172_800 ? `${String(Math.round(seconds / 3_600))} h` : `${String(Math.round(seconds / 86_400))} days`;
}
