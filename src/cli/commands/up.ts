import type { Command } from 'commander';
import type { UpOptions } from '../../contract/cli/up-options.ts';
import { commitOf } from '../commit.ts';
import type { ParsedUp } from '../options/up-options.ts';
import { addUpOptions, upOptionsOf } from '../options/up-options.ts';
import type { Surroundings } from '../surroundings.ts';

const supervisor = 'src/supervisor/main.ts';

/**
 * For processes that idle for months; the supervisor hands them on to those that it starts. Node lets its young generation grow to three
 * times 16 MB and keeps that. With 4 MB each the idle controller has 58 MB in place of 80, and a page of 100 devices costs 3 % more
 * processor time (1.58 against 1.53 ms).
 */
const nodeOptions = ['--max-semi-space-size=4'];

/** ParsedStart: what a start by hand knows beside what a service does too. */
interface ParsedStart extends ParsedUp {
  readonly migrateWithoutBackup?: true;
}

/** registerUp adds `causeway up`: reads its options and becomes the supervisor, which does everything else. */
export function registerUp(program: Command, surroundings: Surroundings): void {
  addUpOptions(
    program.command('up').description('start database, controller and gateway, and stay in front until SIGTERM or Ctrl-C'),
  )
    .option('--migrate-without-backup', 'bring the database to a new version without the backup that is made before it')
    .addHelpText(
      'after',
      '\nThe line "ready https://HOST:PORT" says that it serves. DATABASE_URL names a PostgreSQL to use instead of the private one.',
    )
    .action((parsed: ParsedStart, command: Command) => {
      const commit = commitOf();
      const options: UpOptions = {
        ...upOptionsOf(parsed, command),
        ...(commit === null ? {} : { commit }),
        ...(parsed.migrateWithoutBackup === true ? { migrateWithoutBackup: true } : {}),
      };
      surroundings.become(supervisor, [JSON.stringify(options)], nodeOptions);
    });
}
