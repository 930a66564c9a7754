import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { BackupOptions } from '../../contract/cli/backup-options.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { parseHostname } from '../options/hostname.ts';
import { passphraseFileOption } from '../options/passphrase-file.ts';
import type { Surroundings } from '../surroundings.ts';

const backup = 'src/backup/main.ts';

interface Parsed {
  readonly data: string;
  readonly passphraseFile?: string;
  readonly replace?: boolean;
  readonly hostname?: string;
}

/** registerRestore adds `causeway restore`: becomes the program that makes an installation out of a backup. */
export function registerRestore(program: Command, surroundings: Surroundings): void {
  program
    .command('restore')
    .usage('FILE [OPTIONS]')
    .description('make an installation out of a backup, on this machine or another one, in an empty or new directory')
    .argument('<FILE>', 'what causeway backup has written')
    .addOption(dataDirectoryOption())
    .addOption(passphraseFileOption())
    .option('--replace', 'keep what is in the directory aside, under a name that is printed')
    .addOption(
      new Option('--hostname <NAME|IP>', 'another name than that of before, for certificates and new profiles').argParser(
        parseHostname,
      ),
    )
    .addHelpText('after', '\nDATABASE_URL names an empty PostgreSQL database to restore into instead of the private one.')
    .action((file: string, { data, passphraseFile, replace, hostname }: Parsed) => {
      const options: BackupOptions = {
        action: 'restore',
        data,
        file: resolve(file),
        passphraseFile: passphraseFile ?? null,
        replace: replace === true,
        hostname: hostname ?? null,
        isNew: false,
      };
      surroundings.become(backup, [JSON.stringify(options)]);
    });
}
