import path from 'node:path';

/** stampOf is a moment as file names carry it, in UTC and in the order of time: 20261127T152244Z. */
export function stampOf(moment: Date): string {
  return moment.toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
}

/** Enough of an installation's id to tell those apart that back up into one directory. */
const idLength = 8;

/** scheduledName is the name of a backup that the schedule makes. */
export function scheduledName(installationId: string, moment: Date): string {
  return `causeway-${installationId.slice(0, idLength)}-${stampOf(moment)}.age`;
}

/** scheduledPrefix is what the names of one installation begin with. */
export function scheduledPrefix(file: string): string {
  return path.basename(file).slice(0, 'causeway-'.length + idLength + 1);
}

const scheduled = /^causeway-([0-9a-f]{8})-\d{8}T\d{6}Z\.age$/;

/** ownBackups picks what is called exactly as a schedule calls it, the oldest first. */
export function ownBackups(names: readonly string[]): string[] {
  return names.filter((name) => scheduled.test(name)).toSorted((a, b) => (stampIn(a) < stampIn(b) ? -1 : 1));
}

/**
 * surplusBackups says which files of a directory are to go, so that `keep` stay: the oldest of this installation's own. What is called
 * otherwise belongs to somebody, and is never among them.
 */
export function surplusBackups(names: readonly string[], installationId: string, keep: number): string[] {
  return ownBackups(names)
    .filter((name) => scheduled.exec(name)?.[1] === installationId.slice(0, idLength))
    .slice(0, -keep);
}

function stampIn(name: string): string {
  return name.slice(-'20261127T152244Z.age'.length);
}
