import { readFile, readdir } from 'node:fs/promises';
import type { KernelPlan } from './kernel-plan.ts';

/** Programs that are known to change what others have set, and what of ours they touch. */
const culprits = [
  {
    comm: 'systemd-network',
    name: 'systemd-networkd',
    touches: ['ip'],
    remedy: 'set ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no',
  },
  {
    comm: 'NetworkManager',
    name: 'NetworkManager',
    touches: ['ip'],
    remedy: 'add unmanaged-devices=interface-name:cw* to its configuration',
  },
  { comm: 'firewalld', name: 'firewalld', touches: ['nft'], remedy: 'set FlushAllOnReload=no' },
  { comm: 'dockerd', name: 'Docker', touches: ['nft'], remedy: 'start it before Causeway' },
] as const;

/** suspects names programs of this machine that may have undone what the plan mends; without any it may have been an operator's command. */
export async function suspects(plan: KernelPlan): Promise<string> {
  const touched = [...(plan.nft.length > 0 ? ['nft'] : []), ...(plan.ip.length > 0 ? ['ip'] : [])];
  const running = await runningPrograms();
  const found = culprits.filter(({ comm, touches }) => running.has(comm) && touches.some((what) => touched.includes(what)));
  if (found.length === 0)
    return plan.nft.length > 0
      ? 'somebody (likely "nft flush ruleset" or a reload of nftables.service)'
      : 'somebody (likely an operator or a script)';
  return `somebody (likely ${found.map(({ name, remedy }) => `${name}: ${remedy}`).join('; ')})`;
}

async function runningPrograms(): Promise<Set<string>> {
  const names = await readdir('/proc').catch((): string[] => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  // A process that ended meanwhile has no name any more.
  const comms = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return new Set(comms.map((comm) => comm.trim()));
}
