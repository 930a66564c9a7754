import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { internetServiceAddress } from '../shapes/internet.ts';
import { branch, headquarters } from '../shapes/site.ts';
import type { CheckedFlow } from './checked-flow.ts';
import { tcp } from './checked-flow.ts';
import type { Statement } from './fault.ts';
import { nothingSaid } from './fault.ts';
import { startFirewalld, stopFirewalld } from './firewalls/firewalld.ts';
import { moveBackToLan, moveToOwnSegment, routerOfOwnSegment } from './firewalls/own-segment.ts';
import { startUfw, stopUfw } from './firewalls/ufw.ts';
import { innerLan } from './inner-lan.ts';
import type { Mode, Standing } from './standing.ts';

/** HealthyVariant is a set-up in which everything works, and in which tools that know less see something wrong. */
export type HealthyVariant = {
  readonly name: string;
  readonly mode: Mode;
  readonly flows: readonly CheckedFlow[];
  /** What the operator has said of a site, in place of the truth. */
  readonly statements?: readonly Statement[];
  readonly arrangement?: Arrangement;
};

/** Arrangement is what is there besides; `undo` takes it away, also where `arrange` failed half-way. */
type Arrangement = {
  /** `for-the-agent`: before the mode is entered, so that our agent goes through a pass with it, in which it may ask other software for a rule. */
  readonly when: 'for-the-agent' | 'in-the-mode';
  readonly arrange: (standing: Standing) => Promise<void>;
  readonly undo: (standing: Standing) => Promise<void>;
};

const toHr = tcp('bob', headquarters.server);
const betweenSites = [tcp('branch-server', headquarters.server), tcp('hq-server', branch.server)];
const toHq = [toHr, ...betweenSites];

export const healthyVariants: readonly HealthyVariant[] = [
  { name: 'masquerade', mode: 'masquerade', flows: [...toHq, tcp('bob', innerLan.server)] },
  {
    name: 'masquerade-nothing-said',
    mode: 'masquerade',
    flows: [toHr, tcp('bob', innerLan.server)],
    statements: [nothingSaid('hq')],
  },
  {
    name: 'site-to-site-nothing-said',
    mode: 'masquerade',
    flows: betweenSites,
    statements: [nothingSaid('hq'), nothingSaid('branch')],
  },
  { name: 'static-route', mode: 'routed', flows: toHq },
  {
    name: 'own-segment-stateful',
    mode: 'routed',
    flows: toHq,
    statements: [routerOfOwnSegment],
    arrangement: { when: 'in-the-mode', arrange: moveToOwnSegment, undo: moveBackToLan },
  },
  { name: 'internet-by-hq', mode: 'internet', flows: [toHr, tcp('bob', internetServiceAddress)] },
  recorded('docker-20.10.24'),
  recorded('libvirt-9.0.0'),
  {
    name: 'ufw-running',
    mode: 'masquerade',
    flows: toHq,
    arrangement: { when: 'for-the-agent', arrange: startUfw, undo: stopUfw },
  },
  {
    name: 'firewalld-running',
    mode: 'masquerade',
    flows: toHq,
    arrangement: { when: 'for-the-agent', arrange: startFirewalld, undo: stopFirewalld },
  },
];

/** recorded loads what iptables-save said on a machine where that version had just started (recordings/README.md). */
function recorded(name: string): HealthyVariant {
  return {
    name,
    mode: 'masquerade',
    flows: [toHr, tcp('branch-server', headquarters.server)],
    arrangement: {
      when: 'for-the-agent',
      arrange: async ({ hq }) => {
        const rules = await readFile(join(import.meta.dirname, 'recordings', `${name}.rules`), 'utf8');
        await hq.connector.must(['iptables-restore'], { input: rules });
      },
      undo: ({ hq }) => removeTables(hq.connector),
    },
  };
}

async function removeTables(host: Host): Promise<void> {
  await host.nft(['filter', 'nat', 'mangle'].map((table) => `table ip ${table}\ndelete table ip ${table}`).join('\n'));
}
