import { existsSync } from 'node:fs';
import { openrcScript } from '../../core/service/openrc-script.ts';
import { mustRunTool, runTool } from './run-tool.ts';
import type { ServiceManager, Standing } from './service-manager.ts';

/** OpenRC, by its own commands. A start does not wait for the ready line: supervise-daemon knows no such thing. */
export const openrc: ServiceManager = {
  kind: 'openrc',
  files: openrcScript,
  standing,
  reload: () => Promise.resolve(),
  enable: async (name) => void (await mustRunTool('rc-update', '--quiet', 'add', name, 'default')),
  start: async (name) => void (await mustRunTool('rc-service', '--quiet', name, 'start')),
  restart: async (name) => void (await mustRunTool('rc-service', '--quiet', name, 'restart')),
  async retire(name) {
    await mustRunTool('rc-service', '--quiet', '--ifstarted', name, 'stop');
    // It says that it is in no runlevel where nobody has enabled it.
    await runTool('rc-update', ['--quiet', 'del', name, 'default']);
  },
};

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
