import type { UpOptions } from '../contract/cli/up-options.ts';
import { checkDataDirectory } from './data-directory-check.ts';
import { checkDatabase } from './database-check.ts';
import { checkHostname } from './hostname-check.ts';
import { checkMachine, checkRoot } from './machine-check.ts';
import { checkPorts } from './port-check.ts';
import type { ExitCode, Problem } from './start-failure.ts';
import { checkTls } from './tls-check.ts';

/**
 * preflight says everything that would make the start fail and can be known beforehand, one sentence each, and changes nothing: no
 * directory, user, route or file. An empty list is no promise (a port may be taken a moment later); the start itself says it then.
 */
export async function preflight(options: UpOptions): Promise<Problem[]> {
  const root = checkRoot();
  if (root !== undefined) return [root];
  const found = await Promise.all([
    checkHostname(options.hostname, options.data),
    checkMachine(options),
    checkTls(options.tls),
    checkDataDirectory(options.data),
    checkPorts(options),
    // With a server of the operator's own, a private one that was there before is not looked at.
    (process.env['DATABASE_URL'] ?? '') === '' ? checkDatabase(options.data) : undefined,
  ]);
  return found.flat().filter((problem) => problem !== undefined);
}

/** exitCodeOf is the code for several problems: wrong usage is mended first, then what is missing, then the rest. */
export function exitCodeOf(problems: readonly Problem[]): ExitCode {
  const codes = problems.map((problem) => problem.exitCode);
  return ([2, 4, 1] as const).find((code) => codes.includes(code)) ?? 0;
}
