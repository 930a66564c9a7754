import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { shortestPassphrase } from '../contract/cli/backup-options.ts';
import { BackupFailure, causeText } from './backup-failure.ts';

/** A passphrase is a line; what is longer is some other file. */
const longestFile = 4096;

/** How a passphrase is asked for: `new` twice, and only a long one is taken; `known` once, since the file decides whether it is right. */
export type PassphraseUse = 'new' | 'known';

/**
 * readPassphrase takes the first line of a file that only its owner may read, or asks at the terminal without echo. Never from an argument or
 * a variable: every process on the machine could read it there, or inherit it.
 */
export async function readPassphrase(file: string | null, use: PassphraseUse): Promise<string> {
  const passphrase = file === null ? await askPassphrase(use) : await passphraseFrom(file);
  if (use === 'new') requireLong(passphrase);
  return passphrase;
}

function requireLong(passphrase: string): void {
  const length = Array.from(passphrase).length;
  if (length >= shortestPassphrase) return;
  throw new BackupFailure(
    `the passphrase has ${String(length)} characters, and ${String(shortestPassphrase)} are the least: whoever gets hold of a backup may try as many as they like, and it holds the CA's key; six random words are a good one`,
    { exitCode: 2 },
  );
}

async function passphraseFrom(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new BackupFailure(`the passphrase cannot be read: ${causeText(cause)}`, { cause, exitCode: 2 });
  });
  try {
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw new BackupFailure(
        `the passphrase file ${path} can be read by others than its owner (mode ${(mode & 0o777).toString(8)}): run "chmod 600 ${path}"`,
        { exitCode: 2 },
      );
    if (size > longestFile)
      throw new BackupFailure(
        `the passphrase file ${path} is longer than ${String(longestFile)} bytes: it holds something else`,
        {
          exitCode: 2,
        },
      );
    const [line = ''] = (await handle.readFile('utf8')).split(/\r?\n/, 1);
    if (line === '') throw new BackupFailure(`the passphrase file ${path} has an empty first line`, { exitCode: 2 });
    return line;
  } finally {
    await handle.close();
  }
}

async function askPassphrase(use: PassphraseUse): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new BackupFailure('there is no terminal to ask for the passphrase: give --passphrase-file', { exitCode: 2 });
  const passphrase = await askUnseen('Passphrase: ');
  if (use === 'new') {
    requireLong(passphrase);
    if ((await askUnseen('The same again: ')) !== passphrase)
      throw new BackupFailure('the two passphrases differ: nothing was written', { exitCode: 2 });
  }
  return passphrase;
}

async function askUnseen(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  // Only now: what is typed before the terminal's own echo is off would be shown.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const end = () => reject(new BackupFailure('no passphrase was given', { exitCode: 2 }));
      terminal.once('close', end);
      terminal.once('SIGINT', end);
      terminal.question('', resolve);
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
