import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { BackupOptions } from '../../contract/cli/backup-options.ts';
import { longestKeep } from '../../contract/cli/backup-options.ts';
import { parseCount } from '../options/count.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { parseInterval } from '../options/interval.ts';
import { passphraseFileOption } from '../options/passphrase-file.ts';
import type { Surroundings } from '../surroundings.ts';

const backup = 'src/backup/main.ts';

interface Parsed {
  readonly data: string;
  readonly passphraseFile?: string;
  readonly every?: number;
  readonly keep?: number;
  readonly to?: string;
  readonly off?: boolean;
}

/** registerBackup adds `causeway backup` and what looks at a backup: becomes the program that reads and writes them. */
export function registerBackup(program: Command, surroundings: Surroundings): void {
  const become = (options: BackupOptions) => surroundings.become(backup, [JSON.stringify(options)]);
  const command = program
    .command('backup')
    .usage('FILE|verify|show|status [OPTIONS]')
    .description('write a backup of this installation, encrypted, while it runs or not; or set how often one is written')
    .enablePositionalOptions()
    .argument('[FILE]', 'where to; there must be nothing of this name yet')
    .addOption(dataDirectoryOption())
    .addOption(passphraseFileOption())
    .addOption(
      new Option('--every <TIME>', 'write one each TIME, such as 1d or 12h, for as long as "up" runs').argParser(parseInterval),
    )
    .addOption(
      new Option('--keep <N>', 'with --every: how many of them stay').argParser((text: string) =>
        parseCount(text, 1, longestKeep),
      ),
    )
    .addOption(
      new Option('--to <DIR>', 'with --every: the directory that they lie in').argParser((text: string) => resolve(text)),
    )
    .option('--off', 'write none by itself any more; those that are there stay')
    .action((file: string | undefined, parsed: Parsed) => become(optionsOf(file, parsed, command)));
  command
    .command('verify')
    .usage('FILE [OPTIONS]')
    .description('read a whole backup and compare it with its checksums, without an installation')
    .argument('<FILE>', 'the backup')
    .addOption(passphraseFileOption())
    .action((file: string, own: Parsed) => become({ action: 'verify', ...fileOf(file, own) }));
  command
    .command('show')
    .usage('FILE [OPTIONS]')
    .description('show what a backup is of, when it was made and by which version')
    .argument('<FILE>', 'the backup')
    .addOption(passphraseFileOption())
    .option('--json', 'print its manifest, whose fields docs/backup.md explains')
    .action((file: string, own: Parsed & { readonly json?: boolean }) =>
      become({ action: 'show', ...fileOf(file, own), json: own.json === true }),
    );
  command
    .command('status')
    .usage('[OPTIONS]')
    .description('show whether backups are written by themselves, where they lie and when the last one was made')
    .addOption(dataDirectoryOption())
    .option('--json', 'print it for programs')
    .action((own: Parsed & { readonly json?: boolean }) => become({ action: 'status', data: own.data, json: own.json === true }));
}

function optionsOf(file: string | undefined, parsed: Parsed, command: Command): BackupOptions {
  const { data, every, keep, to, off } = parsed;
  const passphraseFile = parsed.passphraseFile ?? null;
  if (off === true) {
    if (file !== undefined || every !== undefined || keep !== undefined || to !== undefined)
      return command.error('error: --off stands alone, with --data at most.');
    return { action: 'unschedule', data };
  }
  if (every !== undefined) {
    if (file !== undefined) return command.error('error: a schedule names its files itself: give --to DIR, and no FILE.');
    if (keep === undefined || to === undefined || passphraseFile === null)
      return command.error(
        'error: --every needs --keep N, --to DIR and --passphrase-file FILE: nobody is at a terminal when one is due.',
      );
    return { action: 'schedule', data, everySeconds: every, keep, directory: to, passphraseFile };
  }
  if (keep !== undefined || to !== undefined) return command.error('error: --keep and --to go with --every.');
  if (file === undefined)
    return command.error('error: name the file to write, or give --every; causeway help backup shows more.');
  return { action: 'create', data, file: resolve(file), passphraseFile };
}

function fileOf(file: string, { passphraseFile }: Parsed): { readonly file: string; readonly passphraseFile: string | null } {
  return { file: resolve(file), passphraseFile: passphraseFile ?? null };
}
