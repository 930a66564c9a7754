import { systemdUnit } from '../../core/service/systemd-unit.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { printable } from '../table.ts';
import { mustRunTool, runTool } from './run-tool.ts';
import type { ServiceManager, Standing } from './service-manager.ts';

/** systemd, by its own command. It answers by the units' properties, which are an interface of its (org.freedesktop.systemd1(5)). */
export const systemd: ServiceManager = {
  kind: 'systemd',
  files: (plan) => [systemdUnit(plan)],
  standing,
  reload: async () => void (await mustRunTool('systemctl', 'daemon-reload')),
  enable: async (name) => void (await mustRunTool('systemctl', 'enable', '--quiet', unitOf(name))),
  start: (name) => begin('start', name),
  restart: (name) => begin('restart', name),
  retire,
};

function unitOf(name: string): string {
  return `${name}.service`;
}

async function propertiesOf(units: string, ...names: readonly string[]): Promise<Map<string, string>[]> {
  const text = await mustRunTool('systemctl', 'show', '--property', names.join(','), units);
  return text
    .trim()
    .split(/\n\n+/)
    .filter((block) => block !== '')
    .map(
      (block) => new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    );
}

async function standing(name: string): Promise<Standing | null> {
  const [found] = await propertiesOf(unitOf(name), 'LoadState', 'ActiveState', 'FragmentPath', 'NRestarts', 'UnitFileState');
  const at = (property: string) => found?.get(property) ?? '';
  if (at('LoadState') === 'not-found' || at('FragmentPath') === '') return null;
  const state = at('ActiveState');
  return {
    file: at('FragmentPath'),
    enabled: at('UnitFileState').startsWith('enabled'),
    state,
    runs: ['active', 'activating', 'reloading', 'deactivating'].includes(state),
    restarts: Number(at('NRestarts')),
  };
}

/** A start that failed is said with the service's own last words. */
async function begin(verb: 'start' | 'restart', name: string): Promise<void> {
  const { code, stderr } = await runTool('systemctl', [verb, unitOf(name)]);
  if (code === 0) return;
  // What its processes wrote, without what systemd itself says of the unit.
  const wanted = [`_SYSTEMD_UNIT=${unitOf(name)}`, '--output', 'cat', '--no-pager', '--lines', '3'];
  const { stdout } = await runTool('journalctl', wanted);
  const words = stdout.trim().split('\n').map(printable);
  throw new CliFailure(
    exitCodes.problem,
    `the service ${name} does not start (systemctl: ${stderr.trim().split('\n')[0] ?? `exit ${code}`}); it said: ${words.join(' ') || 'nothing'}; see journalctl -u ${name}`,
  );
}

async function retire(name: string): Promise<void> {
  await mustRunTool('systemctl', 'disable', '--quiet', '--now', unitOf(name));
  // Those of a supervisor that could not be started again, and so never ended them.
  const scopes = await propertiesOf('causeway-lane-*.scope', 'Id', 'Before');
  const ours = scopes.filter((scope) => scope.get('Before')?.split(' ').includes(unitOf(name)) === true);
  const ids = ours.flatMap((scope) => scope.get('Id') ?? []);
  if (ids.length > 0) await mustRunTool('systemctl', 'stop', ...ids);
  await runTool('systemctl', ['reset-failed', unitOf(name)]);
}
