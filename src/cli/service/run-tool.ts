/**
 * src/cli/service is how `causeway service` deals with the machine's service manager and with the running supervisor; the command itself is
 * ../commands/service.ts, the texts that are installed are in src/core/service. Tests: `node --test 'src/cli/service/*.test.ts'`, and with a real
 * systemd test/e2e/service.e2e.test.ts.
 */
import { execFile } from 'node:child_process';
import { CliFailure, exitCodes } from '../failure.ts';

export type ToolResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A start brings packages and makes a database at first; the service manager has bounds of its own, which come first. */
const longest_ms = 15 * 60_000;

/** runTool runs a program of the system to its end. Code 127: it could not be started. Never rejects. */
export function runTool(name: string, args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' };
    execFile(name, args, { cwd: '/', env, timeout: longest_ms, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
    });
  });
}

/** mustRunTool is runTool for what has to work: its stdout, or CliFailure (problem) with the command and what it said. */
export async function mustRunTool(name: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(name, args);
  if (code === 0) return stdout;
  throw new CliFailure(
    exitCodes.problem,
    `"${[name, ...args].join(' ')}" failed (exit ${code}): ${(stderr.trim() || stdout.trim() || 'it said nothing').replaceAll('\n', '; ')}`,
  );
}
