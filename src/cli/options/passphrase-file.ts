import { resolve } from 'node:path';
import { Option } from 'commander';

/** passphraseFileOption is --passphrase-file. There is no option and no variable for the passphrase itself: others could read it there. */
export function passphraseFileOption(): Option {
  return new Option(
    '--passphrase-file <FILE>',
    'file whose first line is the passphrase, readable by its owner alone (default: ask at the terminal)',
  ).argParser((text: string) => resolve(text));
}
