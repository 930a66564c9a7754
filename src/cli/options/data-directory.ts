import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { maximumDataDirectoryBytes } from '../../contract/cli/up-options.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';

/** dataDirectoryOption is --data, with its environment twin, for every command that needs the installation's directory. */
export function dataDirectoryOption(): Option {
  return new Option('--data <DIR>', 'directory of the installation')
    .env('CAUSEWAY_DATA')
    .default('/var/lib/causeway')
    .argParser(parseDataDirectory);
}

/** parseDataDirectory makes the path absolute; too long or unprintable ones are refused before anything is written. */
export function parseDataDirectory(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty: give a directory, such as /var/lib/causeway.');
  const path = resolve(text);
  // The path reaches configuration files and terminals, and no real one has a control character.
  if (/\p{Cc}/u.test(path))
    throw new InvalidArgumentError(`${quoteInput(path)} has a control character: give a directory without one.`);
  // initdb puts the path of its server, which lies below, between double quotes into a line for the shell; and LD_LIBRARY_PATH, where its
  // libraries lie, ends a path at colon and semicolon.
  if (/["$`\\:;]/.test(path)) {
    throw new InvalidArgumentError(
      `${quoteInput(path)} has a double quote, a dollar sign, a backtick, a backslash, a colon or a semicolon, which the database's own tools would take for something else: give a directory without them.`,
    );
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > maximumDataDirectoryBytes) {
    throw new InvalidArgumentError(
      `${quoteInput(path)} has ${bytes} bytes and ${maximumDataDirectoryBytes} are allowed, because sockets below it may not have more than 107: give a shorter directory.`,
    );
  }
  return path;
}
