import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Cause, Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import { findingCodes } from '../finding-code.ts';
import { catalogue } from './catalogue.ts';
import type { Fix } from './finding.ts';
import { exampleCause, exampleContext, examples } from './test-examples.ts';

/**
 * Every fix for Linux that calls itself tested is run here, in a network namespace that is like the machine that it is for: its commands work
 * and change something, what it says to verify works, and what takes it back leaves the machine as it was.
 */

/** Services of a whole machine, which a network namespace has not; src/connector runs them. */
const services: ReadonlySet<FindingCode> = new Set(['CON-OFFLINE', 'CLI-STALE-ROUTES']);

/** What has to be so before, besides the machine itself. */
const faults: Partial<Record<FindingCode, readonly string[]>> = {
  'FWD-OFF': ['sysctl -qw net.ipv4.ip_forward=0'],
  'FWD-IFACE': ['sysctl -qw net.ipv4.conf.lan0.forwarding=0'],
  'RPF-STRICT': ['sysctl -qw net.ipv4.conf.causeway0.rp_filter=1'],
  'V6-RA-LOST': ['sysctl -qw net.ipv6.conf.lan0.accept_ra=1'],
  'NAT-STALE-CT': [
    'conntrack -I -p tcp --src 100.96.0.13 --dst 10.0.0.20 --sport 40014 --dport 443 --state SYN_SENT --timeout 60',
  ],
  'EGRESS-LOOP': ['ip route add 0.0.0.0/1 dev causeway0'],
};

const rules = `
table inet filter {
  chain forward { type filter hook forward priority filter; policy drop; }
  chain input { type filter hook input priority filter; policy drop; }
}
table ip filter {
  chain DOCKER-USER { }
  chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; }
}
table ip libvirt_network {
  chain forward { type filter hook forward priority filter; policy accept; }
}
table ip nat {
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; masquerade; }
}
`;

const extra: readonly (readonly [code: FindingCode, facts: Facts])[] = [
  ['HFW-FORWARD-DROP', { family: 'ip', table: 'filter', chain: 'FORWARD', owner: 'docker' }],
  ['HFW-FORWARD-DROP', { family: 'ip', table: 'libvirt_network', chain: 'guest_input', owner: 'libvirt' }],
  // As the doctor finds it: not by one flow.
  ['NAT-STALE-CT', { connectorName: 'hq-1' }],
];

const name = `cwfixes${String(process.pid)}`;
let directory = '';

/** What is written to /etc/sysctl.d goes to a directory of this test. */
function paste(lines: readonly string[]): string {
  const script = ['mount --bind "$0" /etc/sysctl.d', ...lines].join('\n');
  return execFileSync('ip', ['netns', 'exec', name, 'sh', '-euc', script, join(directory, 'sysctl.d')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function machine(isConnector: boolean): void {
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('mkdir', ['-p', join(directory, 'sysctl.d')]);
  const own = isConnector ? '10.0.0.10' : '10.0.0.30';
  paste([
    'ip link set lo up',
    'ip link add lan0 type veth peer name peer0',
    'ip link set peer0 up',
    'ip link set lan0 up',
    `ip addr add ${own}/18 dev lan0`,
    'ip route add default via 10.0.0.1',
    'sysctl -qw net.ipv4.ip_forward=1',
    ...(isConnector
      ? [
          'ip tuntap add dev causeway0 mode tun',
          'ip link set causeway0 up',
          'ip addr add 100.96.0.100/32 dev causeway0',
          'ip route add 100.96.0.0/11 dev causeway0',
        ]
      : []),
    `nft -f - <<'END'${rules}END`,
  ]);
}

function remove(): void {
  execFileSync('ip', ['netns', 'del', name]);
  rmSync(join(directory, 'sysctl.d'), { recursive: true });
}

/** Counters and handles are left out: they change with what is looked at. */
function state(): string {
  return paste([
    'nft -s list ruleset',
    'ip -4 route show table all',
    'ip rule show',
    'conntrack -L 2>/dev/null | sed "s/ [0-9]* SYN_SENT/ SYN_SENT/"',
    'for file in /etc/sysctl.d/*; do [ ! -e "$file" ] || { echo "$file"; cat "$file"; }; done',
    'for key in forwarding rp_filter accept_local; do for file in /proc/sys/net/ipv4/conf/*/$key; do echo "$file $(cat "$file")"; done; done',
    'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/lan0/accept_ra',
  ]);
}

type Case = { readonly title: string; readonly code: FindingCode; readonly facts: Facts; readonly index: number };

function fixesOf(cause: Cause): readonly Fix[] {
  return catalogue[cause.code].fixes(cause, exampleContext, examples[cause.code].direction);
}

function casesOf(code: FindingCode, facts: Facts): readonly Case[] {
  return fixesOf({ ...exampleCause(code), facts }).flatMap((fix, index): Case[] =>
    fix.platform === 'linux' && fix.evidence === 'tested' && fix.commands.length > 0 && !services.has(code)
      ? [{ title: `${code}: ${fix.title}`, code, facts, index }]
      : [],
  );
}

const cases: readonly Case[] = [
  ...findingCodes.flatMap((code) => casesOf(code, exampleCause(code).facts)),
  ...extra.flatMap(([code, facts]) => casesOf(code, facts)),
];

describe('fixes for Linux that are called tested', () => {
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'cwfixes-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('are many', () => assert.ok(cases.length >= 20, String(cases.length)));

  for (const { title, code, facts, index } of cases) {
    it(title, () => {
      const where = fixesOf({ ...exampleCause(code), facts })[index]?.where ?? '';
      machine(where.includes('connector'));
      try {
        paste(faults[code] ?? []);
        const handle = Number(/masquerade # handle (\d+)/.exec(paste(['nft -a list table ip nat']))?.[1]);
        const fix = fixesOf({ ...exampleCause(code), facts: { ...facts, handle } })[index];
        assert.ok(fix !== undefined);
        const known = (lines: readonly string[]) => lines.map((line) => line.replaceAll('INNER_ROUTER', '10.0.0.2'));
        const before = state();
        paste(known(fix.commands));
        const mended = state();
        assert.notEqual(mended, before, 'it changes nothing');
        for (const line of fix.verify) if (/^(?:ip|nft|sysctl net)/.test(line)) paste([line]);
        if (fix.undo.length === 0 || fix.undo.some((line) => line.startsWith('#'))) return;
        paste(known(fix.undo));
        assert.equal(state(), before, 'taken back, the machine is as it was');
      } finally {
        remove();
      }
    });
  }
});
