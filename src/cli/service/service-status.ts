import type { ServiceStatus } from '../../contract/cli/service-status.ts';
import type { ExitCode } from '../failure.ts';
import { exitCodes } from '../failure.ts';
import { printable } from '../table.ts';
import { stateOf } from './ask-supervisor.ts';
import type { ServiceManager } from './service-manager.ts';

/** readServiceStatus joins what the manager and the supervisor say. Neither has to be there. */
export async function readServiceStatus(manager: ServiceManager | undefined, name: string, data: string): Promise<ServiceStatus> {
  const standing = (await manager?.standing(name)) ?? null;
  const state = await stateOf(data);
  return {
    service:
      standing === null || manager === undefined
        ? null
        : {
            manager: manager.kind,
            name,
            file: standing.file,
            enabled: standing.enabled,
            state: standing.state,
            restarts: standing.restarts,
          },
    data,
    running:
      state === undefined
        ? null
        : { pid: state.pid, startedAt: state.startedAt, ready: state.ready, parts: state.parts, lanes: state.lanes },
  };
}

/** worksAsService: it runs, all of it, and will after the next start of the machine. `unreachable`: nothing is there at all. */
export function worksAsService({ service, running }: ServiceStatus): ExitCode {
  if (service === null && running === null) return exitCodes.unreachable;
  const works = service?.enabled === true && running?.ready === true && running.parts.every(({ ready }) => ready);
  return works ? exitCodes.works : exitCodes.problem;
}

/** serviceStatusText is the same for people. */
export function serviceStatusText({ service, data, running }: ServiceStatus): string {
  const lines: [string, string][] = [];
  if (service === null) lines.push(['service', 'none is installed: nothing starts with the machine']);
  else {
    const { manager, name, file, enabled, state, restarts } = service;
    const again = restarts === null || restarts === 0 ? '' : `, started again ${restarts === 1 ? 'once' : `${restarts} times`}`;
    lines.push(['service', `${name} of ${manager} (${file})`]);
    lines.push(['', `${enabled ? 'starts with the machine' : 'does not start with the machine'}, ${state}${again}`]);
  }
  lines.push(['data', printable(data)]);
  if (running === null)
    lines.push(['supervisor', `does not answer${process.getuid?.() === 0 ? '' : ' (it does to root alone)'}`]);
  else {
    const { pid, startedAt, ready, parts, lanes } = running;
    lines.push(['supervisor', `${ready ? 'ready' : 'starting'}, process ${pid}, since ${startedAt}`]);
    for (const { part, pid: process, startedAt: since, ready: isReady } of parts) {
      const text = process === null ? 'does not run' : `process ${process}, since ${since ?? 'unknown'}`;
      lines.push([part, `${isReady ? 'ready' : 'not ready'}, ${text}`]);
    }
    const kept = lanes.filter((lane) => lane.startedAt < startedAt).length;
    const outlived = kept === 0 ? '' : `, ${kept} of them older than the supervisor`;
    lines.push(['lanes', `${lanes.length}${outlived}: ${lanes.map(({ lane }) => printable(lane)).join(' ')}`]);
  }
  return lines.map(([what, text]) => `${what.padEnd(12)}${text}\n`).join('');
}
