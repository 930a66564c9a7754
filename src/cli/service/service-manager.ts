import { existsSync } from 'node:fs';
import type { ServiceFile, ServicePlan } from '../../core/service/service-plan.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { openrc } from './openrc.ts';
import { systemd } from './systemd.ts';

/** How a service stands with its manager. */
export type Standing = {
  readonly file: string;
  readonly enabled: boolean;
  /** The manager's word. */
  readonly state: string;
  readonly runs: boolean;
  readonly restarts: number | null;
};

/** ServiceManager is what systemd and OpenRC do alike for us. What fails throws CliFailure (problem) with the manager's words. */
export type ServiceManager = {
  readonly kind: 'systemd' | 'openrc';
  readonly files: (plan: ServicePlan) => readonly ServiceFile[];
  /** Null: it knows no service of this name. */
  readonly standing: (name: string) => Promise<Standing | null>;
  /** After files have changed. */
  readonly reload: () => Promise<void>;
  readonly enable: (name: string) => Promise<void>;
  /** Both wait until the installation in `data` is ready. Restarting keeps the lanes. */
  readonly start: (name: string, data: string) => Promise<void>;
  readonly restart: (name: string, data: string) => Promise<void>;
  /** Ends it with its lanes, also those of an earlier start that failed since, and no longer starts it with the machine. */
  readonly retire: (name: string) => Promise<void>;
};

/** serviceManager gives that of this machine; undefined where none runs, as in most containers. */
export function serviceManager(): ServiceManager | undefined {
  // What sd_booted(3) looks at: systemd may be installed and not be what started the machine.
  if (existsSync('/run/systemd/system')) return systemd;
  if (existsSync('/run/openrc/softlevel')) return openrc;
  return undefined;
}

/** requireServiceManager throws CliFailure (missing) where there is none, or where we are not root. */
export function requireServiceManager(): ServiceManager {
  requireRoot();
  const found = serviceManager();
  if (found !== undefined) return found;
  throw new CliFailure(
    exitCodes.missing,
    'neither systemd nor OpenRC runs this machine: have whatever does (a container runtime, another init) start "causeway up", and restart it with SIGUSR2, which keeps the tunnels',
  );
}

export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new CliFailure(exitCodes.missing, 'only root may change what starts with the machine: run it with sudo');
}
