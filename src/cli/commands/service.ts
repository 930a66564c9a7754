import { join } from 'node:path';
import type { Command } from 'commander';
import { Argument, Option } from 'commander';
import { upArguments } from '../../contract/cli/up-arguments.ts';
import type { SupervisedPart } from '../../contract/supervisor-control.ts';
import { supervisedParts } from '../../contract/supervisor-control.ts';
import { environmentFileOf, installationIn, usualServiceName } from '../../core/service/service-plan.ts';
import type { ServicePlan } from '../../core/service/service-plan.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { dataOption } from '../options/server.ts';
import { parseServiceName } from '../options/service-name.ts';
import type { ParsedUp } from '../options/up-options.ts';
import { addUpOptions, upOptionsOf } from '../options/up-options.ts';
import { usualDataDirectory } from '../server/choose-server.ts';
import { askSupervisor, stateOf } from '../service/ask-supervisor.ts';
import { changesOf, lineDifference, readIfThere, removeOurs, writeFiles } from '../service/service-files.ts';
import type { ServiceManager } from '../service/service-manager.ts';
import { requireRoot, requireServiceManager, serviceManager } from '../service/service-manager.ts';
import { readServiceStatus, serviceStatusText, worksAsService } from '../service/service-status.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

/** Makes what a start in the unit's sandbox may not: users and the data directory. */
const preparer = 'src/supervisor/prepare-machine.ts';

interface Named {
  readonly name: string;
  readonly data?: string;
}

/** registerService adds `causeway service`: has this machine's service manager run `up`, from its start on. */
export function registerService(program: Command, surroundings: Surroundings): void {
  const service = program
    .command('service')
    .description('have Causeway start with this machine, by systemd or OpenRC; restarting it or a part of it drops no tunnel');
  const nameOption = () =>
    new Option('--name <NAME>', 'of the service, where a machine has several')
      .argParser(parseServiceName)
      .default(usualServiceName);

  addUpOptions(service.command('install').description('install it, or change its options, and start it'))
    .addOption(nameOption())
    .action(async (parsed: ParsedUp & Named, command: Command) => {
      await install(surroundings, planOf(parsed, command));
    });
  service
    .command('remove')
    .description('stop it and undo what install has made; the data stay')
    .addOption(nameOption())
    .action(async ({ name }: Named) => await remove(surroundings, name));
  service
    .command('status')
    .description('show what is installed and what runs: parts, lanes, and since when')
    .addOption(nameOption())
    .addOption(dataOption())
    .option('--json', 'print it for programs')
    .action(async ({ name, data, json }: Named & { readonly json?: boolean }) => {
      const manager = serviceManager();
      const status = await readServiceStatus(manager, name, data ?? (await dataOf(manager, name)));
      surroundings.writeOut(json === true ? jsonText(status) : serviceStatusText(status));
      surroundings.setExitCode(worksAsService(status));
    });
  service
    .command('restart')
    .description('restart everything but the lanes, or one part')
    .addArgument(new Argument('[PART]', 'one part alone').choices(supervisedParts))
    .addOption(nameOption())
    .addOption(dataOption())
    .action(async (part: SupervisedPart | undefined, { name, data }: Named) => {
      const manager = serviceManager();
      await restart(surroundings, { manager, name, part, data: data ?? (await dataOf(manager, name)) });
    });
  service
    .command('prepare', { hidden: true })
    .description('what the service runs before each start')
    .addOption(dataDirectoryOption())
    .action(async ({ data }: { readonly data: string }) => {
      requireRoot();
      surroundings.setExitCode(await surroundings.run(preparer, [data]));
    });
  service
    .command('keep-lanes', { hidden: true })
    .description('what the service of OpenRC runs before a restart')
    .addOption(dataDirectoryOption())
    .action(async ({ data }: { readonly data: string }) => void (await askSupervisor(data, { kind: 'keep-lanes' })));
}

function planOf(parsed: ParsedUp & Named, command: Command): ServicePlan {
  const options = upOptionsOf(parsed, command);
  return {
    name: parsed.name,
    // The launcher knows what it was called by: what runs may be a copy of a checkout that cannot be written.
    program: process.env['CAUSEWAY_PROGRAM'] ?? join(import.meta.dirname, '..', '..', '..', 'causeway'),
    args: upArguments(options),
    data: options.data,
    reads: options.tls === null ? [] : [options.tls.certificate, options.tls.key],
    prepares: true,
  };
}

async function install(surroundings: Surroundings, plan: ServicePlan): Promise<void> {
  const { name, data } = plan;
  const manager = requireServiceManager();
  await requireDatabaseUrlKept(name);
  const changes = await changesOf(manager.files(plan));
  const before = await manager.standing(name);
  if (before?.runs !== true) await requireNobodyOn(data);
  if (changes.length > 0) {
    const code = await surroundings.run(preparer, [data]);
    if (code !== 0)
      throw new CliFailure(exitCodes.problem, `the machine could not be prepared for the service ${name}, as said above`);
    for (const { path, before: old, text } of changes) {
      surroundings.writeOut(`${old === undefined ? 'installed' : 'changed'} ${path}\n`);
      if (old !== undefined) surroundings.writeOut(`${lineDifference(old, text).map(printable).join('\n')}\n`);
    }
    await writeFiles(changes);
    await manager.reload();
  }
  if (before?.enabled !== true) await manager.enable(name);
  if (before?.runs !== true) {
    await manager.start(name, data);
    surroundings.writeOut(`${name} runs, and starts with the machine\n`);
  } else if (changes.length > 0) {
    await manager.restart(name, data);
    surroundings.writeOut(`${name} was restarted; tunnels stayed\n`);
  } else surroundings.writeOut(`${name} is installed so and runs; nothing was changed\n`);
}

/** It would start with an empty database of its own if the variable stayed here: units are for all to read, so it is not written there. */
async function requireDatabaseUrlKept(name: string): Promise<void> {
  const file = environmentFileOf(name);
  const isSet = (process.env['DATABASE_URL'] ?? '') !== '';
  if (!isSet || /^\s*DATABASE_URL=/m.test((await readIfThere(file)) ?? '')) return;
  throw new CliFailure(
    exitCodes.usage,
    `DATABASE_URL is set here, and the service reads it from ${file}: write the line DATABASE_URL=... there, for root alone to read (mode 600), and run this again`,
  );
}

async function requireNobodyOn(data: string): Promise<void> {
  const running = await stateOf(data);
  if (running === undefined) return;
  throw new CliFailure(
    exitCodes.problem,
    `a "causeway up" (process ${running.pid}) runs on ${data}: end it with "kill -USR2 ${running.pid}", which keeps its tunnels, and run this again`,
  );
}

async function remove(surroundings: Surroundings, name: string): Promise<void> {
  const manager = requireServiceManager();
  const standing = await manager.standing(name);
  if (standing === null) {
    surroundings.writeOut(`there is no service ${name}; nothing was changed\n`);
    return;
  }
  const data = await dataOf(manager, name);
  if (installationIn((await readIfThere(standing.file)) ?? '') === undefined) {
    throw new CliFailure(
      exitCodes.problem,
      `${standing.file} was not written by "causeway service install": remove the package that it is from, or the file by hand`,
    );
  }
  await manager.retire(name);
  const plan: ServicePlan = { name, program: '/', args: [], data, reads: [], prepares: false };
  const removed = await removeOurs(manager.files(plan).map(({ path }) => path));
  await manager.reload();
  for (const path of removed) surroundings.writeOut(`removed ${path}\n`);
  surroundings.writeOut(`${name} is stopped and no longer starts with the machine; ${printable(data)} is as it was\n`);
}

interface Restart {
  readonly manager: ServiceManager | undefined;
  readonly name: string;
  readonly part: SupervisedPart | undefined;
  readonly data: string;
}

async function restart(surroundings: Surroundings, { manager, name, part, data }: Restart): Promise<void> {
  if (part !== undefined) return await restartParts(surroundings, data, [part]);
  if (manager !== undefined && (await manager.standing(name))?.runs === true) {
    requireRoot();
    const startedAt = performance.now();
    await manager.restart(name, data);
    surroundings.writeOut(`${name} was restarted in ${inSeconds(startedAt)}; tunnels stayed\n`);
    return;
  }
  const answer = await askSupervisor(data, { kind: 'state' });
  if (answer.kind !== 'state') return;
  await restartParts(
    surroundings,
    data,
    answer.parts.map((known) => known.part),
  );
  surroundings.writeErr(
    `No service runs it, so the supervisor itself goes on: "kill -USR2 ${answer.pid}" ends it with its tunnels kept, "causeway up" takes them over.\n`,
  );
}

async function restartParts(surroundings: Surroundings, data: string, parts: readonly SupervisedPart[]): Promise<void> {
  for (const part of parts) {
    const startedAt = performance.now();
    await askSupervisor(data, { kind: 'restart', part });
    surroundings.writeOut(`${part} was restarted, and ready again after ${inSeconds(startedAt)}; tunnels stayed\n`);
  }
}

function inSeconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** The directory of an installed service, or the usual one. */
async function dataOf(manager: ServiceManager | undefined, name: string): Promise<string> {
  const standing = await manager?.standing(name);
  const text = standing === null || standing === undefined ? undefined : await readIfThere(standing.file);
  return installationIn(text ?? '') ?? usualDataDirectory;
}
