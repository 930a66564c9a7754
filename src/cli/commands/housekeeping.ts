import type { Command } from 'commander';
import type { Housekeeping } from '../../contract/api/housekeeping.ts';
import { housekeeping, housekeepingRoutes } from '../../contract/api/housekeeping.ts';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { dataOption, serverOption } from '../options/server.ts';
import { callApi } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable, table } from '../table.ts';

/** Below the largest tables there is nothing that fills a disk. */
const shownTables = 8;

/** registerHousekeeping adds `causeway housekeeping`: 0 when nothing wants a hand, 1 when something does, 3 when nothing answers. */
export function registerHousekeeping(program: Command, surroundings: Surroundings): void {
  program
    .command('housekeeping')
    .description('show what does not mend itself, the room on the disks, and what the database holds')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async ({ json, ...choice }: ServerChoice & { readonly json?: boolean }) => {
      const { method, path } = housekeepingRoutes.read;
      const found = await callApi(choice, { method, path }, housekeeping);
      surroundings.writeOut(json === true ? jsonText(found) : housekeepingText(found));
      surroundings.setExitCode(found.conditions.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

function housekeepingText({ conditions, disks, database, sweptAt }: Housekeeping): string {
  const rows = disks.map(({ path, freeBytes, bytes, freeInodes, inodes, level }) => [
    printable(path),
    `${inUnits(freeBytes)} of ${inUnits(bytes)} free`,
    inodes === 0 ? '' : `${String(freeInodes)} of ${String(inodes)} inodes`,
    level === 'enough' ? '' : level.toUpperCase(),
  ]);
  return [
    section(
      'Wants a hand',
      conditions.map(({ code, level, message }) => [printable(code), printable(level), printable(message)]),
    ),
    section('Disks', rows),
    section('Database', [
      ['all', inUnits(database.bytes)],
      ...database.tables
        .slice(0, shownTables)
        .map(({ name, bytes, rows: count }) => [printable(name), inUnits(bytes), `${String(count)} rows`]),
    ]),
    `Old records were last deleted: ${sweptAt ?? 'never'}\n`,
  ].join('');
}

function section(title: string, rows: string[][]): string {
  return rows.length === 0 ? `${title}: nothing\n` : `${title}:\n${table(rows)}`;
}

/** inUnits gives bytes as df -h does. */
function inUnits(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power < 2 ? 0 : 1)} ${units[power] ?? ''}`;
}
