import { mkdir } from 'node:fs/promises';
import type { UpOptions } from '../contract/cli/up-options.ts';
import { upOptions } from '../contract/cli/up-options.ts';
import { resolveDataDirectory } from './data-directory-check.ts';
import { chooseMountMode, enterMountView, isMountMode } from './enter-mount-view.ts';
import type { Log } from './log.ts';
import { attend } from './attend.ts';
import { goesToJournal } from './journal.ts';
import { createLog } from './log.ts';
import { outlastFaults } from './outlast-faults.ts';
import { exitCodeOf, preflight } from './preflight.ts';
import type { ExitCode } from './start-failure.ts';
import { describeFailure } from './start-failure.ts';
import type { Programs } from './process-plans.ts';
import { serviceNotifier } from './service-notifier.ts';
import type { LanesFate, Supervisor } from './supervisor.ts';
import { startSupervisor } from './supervisor.ts';

type Run = { readonly program: string; readonly args: readonly string[]; readonly programs: Programs };

/** runUp is both stages: `[OPTIONS]` checks and becomes `[OPTIONS, MOUNT-MODE]`, which runs until a signal. Gives the exit code. */
export async function runUp({ program, args: [json = '', mode], programs }: Run): Promise<ExitCode> {
  const options = parseOptions(json);
  if (options === undefined) return 2;
  try {
    if (!isMountMode(mode)) return await stageOne(program, options);
    return await stageTwo(options, mode, programs);
  } catch (cause) {
    const { exitCode, sentence } = describeFailure(cause, options.data);
    say(sentence);
    return exitCode;
  }
}

function parseOptions(json: string): UpOptions | undefined {
  try {
    return upOptions.parse(JSON.parse(json));
  } catch (cause) {
    say(
      `this program is started by "causeway up" with one JSON argument (src/contract/cli/up-options.ts): ${cause instanceof Error ? cause.message : String(cause)}`,
    );
    return undefined;
  }
}

async function stageOne(program: string, options: UpOptions): Promise<ExitCode> {
  const problems = await preflight(options);
  if (problems.length > 0) {
    for (const { sentence } of problems) say(sentence);
    return exitCodeOf(problems);
  }
  const data = await resolveDataDirectory(options.data);
  await mkdir(data, { recursive: true, mode: 0o755 });
  return enterMountView(await chooseMountMode(), data, [program, JSON.stringify({ ...options, data })]);
}

async function stageTwo(
  up: UpOptions,
  mountMode: Parameters<typeof startSupervisor>[0]['mountMode'],
  programs: Programs,
): Promise<ExitCode> {
  process.umask(0o022);
  const log = createLog('supervisor', undefined, goesToJournal(process.env['JOURNAL_STREAM']));
  outlastFaults(log);
  const stop = Promise.withResolvers<NodeJS.Signals>();
  // Signals that come while the start is under way wait for it: nothing is left half-made.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => stop.resolve(signal));
  const unit = process.env['CAUSEWAY_UNIT'];
  const notifier = serviceNotifier(process.env, log);
  const supervisor = await startSupervisor({ up, mountMode, programs, databaseUrl: process.env['DATABASE_URL'], unit, log });
  const attended = await attend({ supervisor, notifier, data: up.data });
  const failure = supervisor.ready.then(
    async () => {
      await attended.becomeReady();
      process.stdout.write(`ready ${supervisor.url}\n`);
      log.info('ready', { sinceStartMs: Math.round(performance.now()) });
      showSetUpLink(supervisor.setUpLink(), up.data, log);
      return new Promise<never>(() => undefined);
    },
    (cause: unknown) => ({ cause }),
  );
  const reason = await Promise.race([stop.promise, failure]);
  const lanes = attended.keepsLanes() ? 'go on' : fateOfLanes(reason, unit);
  if (typeof reason === 'string') log.info('stopping', { signal: reason, lanes });
  await attended.end();
  return end(supervisor, reason, lanes, up.data);
}

/** Where a start fails for which the service manager tries again, what is left of the one before still serves. */
function fateOfLanes(reason: NodeJS.Signals | { readonly cause: unknown }, unit: string | undefined): LanesFate {
  if (typeof reason === 'string') return reason === 'SIGUSR2' ? 'go on' : 'end';
  return unit === undefined ? 'end' : 'go on';
}

async function end(
  supervisor: Supervisor,
  reason: NodeJS.Signals | { readonly cause: unknown },
  lanes: LanesFate,
  data: string,
): Promise<ExitCode> {
  await supervisor.stop(lanes);
  if (typeof reason === 'string') return 0;
  const { exitCode, sentence } = describeFailure(reason.cause, data);
  say(sentence);
  return exitCode;
}

/** The link only to a person at a terminal: what stdout and stderr go to otherwise is kept, and read by more people than root. */
function showSetUpLink(url: string | null, data: string, log: Log): void {
  if (url === null) return;
  if (process.stdout.isTTY && process.stderr.isTTY) {
    process.stderr.write(`\nTo set up this installation, open within an hour:\n\n  ${url}\n\n`);
  } else log.info('this installation has no owner yet; the link that makes one is in a file', { file: `${data}/setup-link` });
}

function say(sentence: string): void {
  process.stderr.write(`causeway up: ${sentence}\n`);
}
