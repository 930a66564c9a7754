import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openrcScript } from '../../core/service/openrc-script.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { printable } from '../table.ts';
import { stateOf } from './ask-supervisor.ts';
import { mustRunTool, runTool } from './run-tool.ts';
import { readIfThere } from './service-files.ts';
import type { ServiceManager, Standing } from './service-manager.ts';

/** A start may have to bring the database to a new version first. */
const longest_ms = 300_000;
/** It answers before that: one that is silent for this long was refused (a port in use, a program that is missing). */
const silence_ms = 20_000;
const every_ms = 200;

/** OpenRC, by its own commands. */
export const openrc: ServiceManager = {
  kind: 'openrc',
  files: openrcScript,
  standing,
  reload: () => Promise.resolve(),
  enable: async (name) => void (await mustRunTool('rc-update', '--quiet', 'add', name, 'default')),
  start: begin('start'),
  restart: begin('restart'),
  async retire(name) {
    await mustRunTool('rc-service', '--quiet', '--ifstarted', name, 'stop');
    // It says that it is in no runlevel where nobody has enabled it.
    await runTool('rc-update', ['--quiet', 'del', name, 'default']);
  },
};

/** supervise-daemon knows no ready line, and starts what fails again and again: the supervisor itself is asked. */
function begin(verb: 'start' | 'restart'): ServiceManager['start'] {
  return async (name, data) => {
    await mustRunTool('rc-service', '--quiet', name, verb);
    const begunAt = performance.now();
    let heardAt = begunAt;
    for (;;) {
      const state = await stateOf(data);
      if (state?.ready === true) return;
      const now = performance.now();
      if (state !== undefined) heardAt = now;
      if (now - heardAt > silence_ms || now - begunAt > longest_ms) throw await notReady(name);
      await delay(every_ms);
    }
  };
}

async function notReady(name: string): Promise<CliFailure> {
  const log = `/var/log/${name}.log`;
  // A start that is refused says the same each time.
  const words = [...new Set((await readIfThere(log))?.trim().split('\n').slice(-3))].map(printable).join(' ');
  return new CliFailure(
    exitCodes.problem,
    `the service ${name} does not become ready, and is started again and again; it said: ${words || 'nothing'}; see ${log}`,
  );
}

async function standing(name: string): Promise<Standing | null> {
  const file = `/etc/init.d/${name}`;
  if (!existsSync(file)) return null;
  const { stdout, stderr } = await runTool('rc-service', [name, 'status']);
  const state = /status: (\w+)/.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
  return {
    file,
    enabled: existsSync(`/etc/runlevels/default/${name}`),
    state,
    runs: ['started', 'starting', 'stopping'].includes(state),
    restarts: null,
  };
}
