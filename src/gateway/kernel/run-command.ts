import { spawn } from 'node:child_process';

/** CommandResult is what a program that has run left behind; `code` is null if it was killed for taking too long. */
export type CommandResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/**
 * CommandRunner runs one program with arguments and text on its standard input. Rejects only if the program cannot be started at all.
 * It is the seam between planners and kernel: tests put a network namespace in between, and nothing else.
 */
export type CommandRunner = (program: string, args: readonly string[], input?: string) => Promise<CommandResult>;

/** 10,000 routes take 0.1 s; what takes this long hangs. */
const longestMs = 30_000;

/** runCommand is the CommandRunner of this machine. Messages are in English, because they are parsed. */
export const runCommand: CommandRunner = (program, args, input = '') =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      // sbin is not in every user's PATH, and nft, ip and conntrack lie there.
      env: { PATH: `/usr/sbin:/sbin:${process.env['PATH'] ?? '/usr/bin:/bin'}`, LC_ALL: 'C' },
      timeout: longestMs,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    child.on('error', (cause) => reject(new Error(`cannot run ${program}; is its package installed?`, { cause })));
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    // A program that ends before it has read all says why on stderr; the broken pipe itself is no news.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });

/** A thousand devices that are deleted must not be a thousand processes at once. */
const atOnce = 8;

/** runSeveral runs a program once for each list of arguments, a few at a time. What they answer is nobody's concern. */
export async function runSeveral(program: string, commands: readonly (readonly string[])[], run: CommandRunner): Promise<void> {
  for (let index = 0; index < commands.length; index += atOnce) {
    await Promise.all(commands.slice(index, index + atOnce).map((args) => run(program, args)));
  }
}
