import type { Family } from '../../ip/address.ts';
import type { ObservedMachine } from '../input.ts';
import type { Interfaces } from './interfaces.ts';
import { readInterfaces } from './interfaces.ts';
import type { Known } from './known.ts';
import { needed, undecided } from './known.ts';
import type { Neighbours } from './neighbours.ts';
import { readNeighbours } from './neighbours.ts';
import { readRoutes } from './routes.ts';
import { RoutingTables } from './routing-tables.ts';
import type { PolicyRule } from './rules.ts';
import { readRules } from './rules.ts';
import type { Sysctls } from './sysctls.ts';
import { readSysctls } from './sysctls.ts';

/** LinuxHost is a Linux machine as its agent reported it: each part known by itself. */
export type LinuxHost = {
  readonly interfaces: Known<Interfaces>;
  readonly rules: Readonly<Record<Family, Known<readonly PolicyRule[]>>>;
  readonly routes: Readonly<Record<Family, Known<RoutingTables>>>;
  readonly neighbours: Known<Neighbours>;
  readonly sysctls: Known<Sysctls>;
  /** Version of the kernel, as 6.18 is [6, 18]; null where it was not reported. */
  readonly kernel: readonly [number, number] | null;
};

/**
 * readLinuxHost reads what was reported. Total: what is missing, cut, too large or not what iproute2 prints is not known, with the
 * reason.
 */
export function readLinuxHost(machine: ObservedMachine): LinuxHost {
  return {
    interfaces: readInterfaces(machine),
    rules: { 4: readRules(machine, 4), 6: readRules(machine, 6) },
    routes: { 4: tablesOf(machine, 4), 6: tablesOf(machine, 6) },
    neighbours: readNeighbours(machine),
    sysctls: readSysctls(machine),
    kernel: kernelOf(machine.sections.get('agent')?.body ?? ''),
  };
}

function tablesOf(machine: ObservedMachine, family: Family): Known<RoutingTables> {
  const read = readRoutes(machine, family);
  return read.known ? { ...read, value: new RoutingTables(read.value) } : read;
}

function kernelOf(agent: string): LinuxHost['kernel'] {
  const [, major, minor] = /^kernel=(\d{1,3})\.(\d{1,3})/m.exec(agent) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

/** SysctlFact is a setting that decided; `path` in path form, `net/ipv4/ip_forward`. */
export type SysctlFact = { readonly path: string; readonly value: number; readonly observedAt: string };

/** sysctlOf is a setting; the decision ends as unknown where it was not reported. */
export function sysctlOf(host: LinuxHost, path: string): SysctlFact {
  const { values } = needed(host.sysctls);
  const value = values.get(path);
  if (value === undefined || !host.sysctls.known) return undecided(`${path} was not reported`);
  return { path, value, observedAt: host.sysctls.observedAt };
}

/** setting of an interface, `net/ipv4/conf/NAME/KEY`; `all` is the machine's. */
export function confOf(host: LinuxHost, family: Family, device: string, key: string): SysctlFact {
  return sysctlOf(host, `net/ipv${String(family)}/conf/${device}/${key}`);
}

/** eitherConf is true if the setting is on for all or for the interface, the way most of IPv4's are (IN_DEV_ORCONF). */
export function eitherConf(host: LinuxHost, device: string, key: string): boolean {
  return confOf(host, 4, 'all', key).value !== 0 || confOf(host, 4, device, key).value !== 0;
}
