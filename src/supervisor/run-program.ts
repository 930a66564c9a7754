import { execFile } from 'node:child_process';
import { systemPath } from './find-program.ts';

export type ProgramResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * runProgram runs a system program to its end; never rejects. Code 127 stands for one that could not be started at all. It sees of the
 * environment what is given.
 */
export function runProgram(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const options = {
      cwd: '/',
      env: { PATH: systemPath, LC_ALL: 'C', ...environment },
      timeout: 30_000,
      maxBuffer: 16 * 1024 * 1024,
    };
    execFile(name, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
    });
  });
}

/** requireProgram is runProgram for commands that have to succeed: rejects with the command and what it said. */
export async function requireProgram(name: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(name, args);
  if (code !== 0) throw new Error(`running "${[name, ...args].join(' ')}": exit ${String(code)}: ${stderr.trim()}`);
  return stdout;
}
