/** How each fault is dealt, and undone. */
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Process } from '../../src/lab/processes.ts';
import { findProcess } from '../../src/lab/processes.ts';
import { startProduct } from '../../src/lab/shapes/region.ts';
import { pullPlug, putPlugBack } from '../../src/lab/world.ts';
import { tunnelProcess } from '../actions/await-new-tunnel.ts';
import { killTunnel, restartAgent } from '../actions/connector-machine.ts';
import { dealCut } from '../crash/deal-cut.ts';
import { partsOf } from '../crash/parts.ts';
import type { Part } from '../crash/parts.ts';
import type { PlannedFault } from './chaos-plan.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { ConnectorMachine, SoakWorld } from './soak-world.ts';
import { soakStart } from './soak-world.ts';

/** Undo takes a fault back; where it was a kill there is nothing to take back. */
export type Undo = () => Promise<void>;

const nothing: Undo = async () => undefined;

/** Of the four connectors with machines: those that the administrator adds come after. */
const firstLanes = ['c0', 'c1', 'c2', 'c3'];

/** dealFault breaks something and gives what mends it. */
export async function dealFault(soak: SoakWorld, fault: PlannedFault): Promise<Undo> {
  return dealers[fault.kind](soak, fault);
}

const dealers: Readonly<Record<FaultKind, (soak: SoakWorld, fault: PlannedFault) => Promise<Undo>>> = {
  'kill controller': killPart('controller'),
  'kill database': killPart('database'),
  'kill signer': killPart('signer'),
  'kill agent': killPart('agent'),
  'kill supervisor': restartAfter('supervisor'),
  'kill everything': restartAfter('everything'),
  'cut the power': restartAfter('power'),
  "kill people's lane": (soak, fault) => killLane(soak, fault, (lane) => lane.startsWith('u')),
  "kill connector's lane": (soak, fault) => killLane(soak, fault, (lane) => firstLanes.includes(lane)),
  "kill connector's agent": async (soak, fault) => {
    await restartAgent(connectorOf(soak, fault).machine);
    return nothing;
  },
  "kill connector's tunnel": async (soak, fault) => {
    await killTunnel(connectorOf(soak, fault).machine);
    return nothing;
  },
  'freeze controller': freezePart('controller'),
  'freeze database': freezePart('database'),
  'freeze signer': freezePart('signer'),
  'freeze agent': freezePart('agent'),
  "freeze connector's tunnel": async (soak, fault) =>
    freeze([await findProcess(connectorOf(soak, fault).machine, tunnelProcess)]),
  'fill the disk': async ({ disk }) => {
    await disk.fill();
    return async () => disk.free();
  },
  "cut connector's link": async (soak, fault) => {
    const { machine, lan } = connectorOf(soak, fault);
    await pullPlug(machine, lan);
    return () => putPlugBack(machine, lan);
  },
  "cut gateway's uplink": async (soak) => {
    const uplink = uplinkOf(soak);
    await soak.internet.router.ip(`link set ${uplink} down`);
    return () => soak.internet.router.ip(`link set ${uplink} up`);
  },
  "lose a tenth at gateway's uplink": async (soak) => {
    const { router } = soak.internet;
    // In one direction: what the gateway sends.
    await router.nft(`table netdev lossy {
      chain in {
        type filter hook ingress device "${uplinkOf(soak)}" priority -400; policy accept;
        numgen random mod 10 0 drop
      }
    }`);
    return () => router.nft('delete table netdev lossy');
  },
};

function killPart(part: Part): (soak: SoakWorld) => Promise<Undo> {
  return async ({ region, disk }) => {
    if (part === 'supervisor') throw new Error('unreachable: a supervisor is started again by restartAfter');
    await dealCut(region.host, disk, part, () => 0);
    return nothing;
  };
}

/** The kernel's state goes as well when the power fails: a machine that boots has no lanes, no rules and no routes of ours. */
function restartAfter(cut: 'supervisor' | 'everything' | 'power'): (soak: SoakWorld) => Promise<Undo> {
  return async (soak) => {
    const { host } = soak.region;
    await dealCut(host, soak.disk, cut, () => 0);
    if (cut === 'power') {
      await host.must([
        'sh',
        '-c',
        'nft flush ruleset; for link in $(ls /sys/class/net); do case $link in cw*) ip link del "$link" ;; esac; done; :',
      ]);
    }
    soak.region = await startProduct(soak.region, soakStart);
    soak.logs.set(`region-${soak.logs.size + 1}`, soak.region.log);
    return nothing;
  };
}

function freezePart(part: Part): (soak: SoakWorld) => Promise<Undo> {
  return async ({ region }) => {
    const { parts, backends } = await partsOf(region.host);
    return freeze([...(parts.get(part) ?? []), ...(part === 'database' ? backends : [])]);
  };
}

async function freeze(processes: readonly Process[]): Promise<Undo> {
  if (processes.length === 0) throw new Error('there is nothing to freeze');
  for (const { pid } of processes) signal(pid, 'SIGSTOP');
  return async () => {
    for (const { pid } of processes) signal(pid, 'SIGCONT');
  };
}

async function killLane(soak: SoakWorld, { draw }: PlannedFault, may: (lane: string) => boolean): Promise<Undo> {
  const candidates = [...(await partsOf(soak.region.host)).lanes]
    .filter(([lane]) => may(lane))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const [lane, [victim]] = candidates[Math.floor(draw * candidates.length)] ?? ['none', []];
  if (victim === undefined) throw new Error('there is no lane to kill');
  signal(victim.pid, 'SIGKILL');
  await awaitCondition(
    `lane ${lane} runs again`,
    async () => {
      const [now] = (await partsOf(soak.region.host)).lanes.get(lane) ?? [];
      return now === undefined || now.pid === victim.pid ? undefined : true;
    },
    { withinMs: 60_000 },
  );
  return nothing;
}

function connectorOf({ connectors }: SoakWorld, { draw }: PlannedFault): ConnectorMachine {
  const connector = connectors[Math.floor(draw * connectors.length)];
  if (connector === undefined) throw new Error('there is no connector');
  return connector;
}

function uplinkOf({ internet, region }: SoakWorld): string {
  const uplink = internet.uplinks.get(region.host.name);
  if (uplink === undefined) throw new Error('the region has no uplink');
  return uplink;
}

/** Whoever ended meanwhile needs no signal. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended since it was found.
  }
}
