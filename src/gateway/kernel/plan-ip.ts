import type { PrefixText } from '../../core/ip/prefix.ts';
import type { DesiredKernel } from './desired-kernel.ts';
import { exitText } from './desired-kernel.ts';
import type { Step } from './kernel-plan.ts';
import type { Routes, Via } from './kernel-routes.ts';
import { deleteRoute, devicesOf, replaceRoute } from './kernel-routes.ts';
import type { ObservedKernel } from './observed-kernel.ts';
import { routeProtocol } from './ownership.ts';

/** planIp is the part of the plan that `ip` runs: tuns, routes and rules. Pure. `laneUser` is whom new tuns belong to. */
export function planIp(desired: DesiredKernel, observed: ObservedKernel, laneUser: string): Step[] {
  const devices = planDevices(desired, observed, laneUser);
  const routes = planRoutes(desired, observed);
  const rules = planRules(desired, observed);
  const steps = [...devices, ...routes, ...rules];
  return [...steps.filter(({ change }) => change === 'add'), ...steps.filter(({ change }) => change === 'remove').reverse()];
}

function planDevices({ gateway, devices, kept, own }: DesiredKernel, observed: ObservedKernel, laneUser: string): Step[] {
  const steps: Step[] = [];
  const address = `${gateway}/32`;
  for (const device of devices) {
    const found = observed.devices.get(device);
    const add = (line: string, object: string) => steps.push({ line, object, change: 'add', device });
    if (found === undefined) add(`tuntap add dev ${device} mode tun user ${laneUser}`, `tun ${device}`);
    if (found?.addresses.includes(address) !== true) add(`addr add ${address} dev ${device}`, `address ${address} of ${device}`);
    if (found?.up !== true) add(`link set dev ${device} up`, `state of ${device}`);
    for (const other of found?.addresses ?? []) {
      if (other !== address)
        steps.push({
          line: `addr del ${other} dev ${device}`,
          object: `address ${other} of ${device}`,
          change: 'remove',
          device,
        });
    }
  }
  for (const device of observed.devices.keys()) {
    if (devices.has(device) || kept.has(device) || !device.startsWith(own.devicePrefix)) continue;
    steps.push({ line: `link del dev ${device}`, object: `tun ${device}`, change: 'remove', device });
  }
  return steps;
}

function planRoutes(desired: DesiredKernel, observed: ObservedKernel): Step[] {
  const numbers = new Set([...desired.tables.keys(), ...observed.tables.keys()]);
  return [
    ...planTable(desired.own.table, desired.routes, observed.routes, (prefix, via) =>
      devicesOf(via).some((device) => mayStay(desired, prefix, device)),
    ),
    ...[...numbers].flatMap((table) =>
      planTable(table, desired.tables.get(table) ?? none, observed.tables.get(table) ?? none, (_prefix, via) =>
        mayExit(desired, table, via),
      ),
    ),
  ];
}

const none: Routes = new Map();

function planTable(table: number, desired: Routes, observed: Routes, stays: (prefix: PrefixText, via: Via) => boolean): Step[] {
  const steps: Step[] = [];
  for (const [prefix, via] of desired) {
    if (observed.get(prefix) !== via) steps.push(replaceRoute(table, prefix, via));
  }
  for (const [prefix, via] of observed) {
    if (!desired.has(prefix) && !stays(prefix, via)) steps.push(deleteRoute(table, prefix, via));
  }
  return steps;
}

/** mayStay is true for what belongs to a lane that has not told yet who is connected, as long as it could be right. */
export function mayStay({ undecided, legitimate }: DesiredKernel, prefix: PrefixText, device: string): boolean {
  return undecided.has(device) && legitimate.has(prefix);
}

function mayExit({ undecided, legitimateExits }: DesiredKernel, table: number, device: string): boolean {
  return undecided.has(device) && legitimateExits.has(exitText(table, device));
}

function planRules(desired: DesiredKernel, observed: ObservedKernel): Step[] {
  const step = (verb: 'add' | 'del', rule: string): Step => ({
    line: `rule ${verb} ${rule} protocol ${String(routeProtocol)}`,
    object: `rule ${rule}`,
    change: verb === 'add' ? 'add' : 'remove',
  });
  return [
    ...[...desired.rules].filter((rule) => !observed.rules.has(rule)).map((rule) => step('add', rule)),
    ...[...observed.rules].filter((rule) => !desired.rules.has(rule)).map((rule) => step('del', rule)),
  ];
}
