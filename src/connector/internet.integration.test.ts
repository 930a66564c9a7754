import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './testing/test-host.ts';
import type { TestHost } from './testing/test-host.ts';
import type { ForegroundAgent, TestSite } from './testing/test-site.ts';
import { desired, lanePorts, testSite } from './testing/test-site.ts';

/** Everything that leads anywhere, without the counters and hints that change by themselves. */
const everyRoute =
  'ip rule; ip -6 rule; ip route show table all | grep -v "^local\\|^broadcast"; ip -6 route show table all | grep -v "^local\\|^multicast\\|^anycast" | grep -v causeway';

/** The gateway's and the server's own record of who asked for 198.51.100.7, and by which device. */
const recorder = `table ip seen {
  set asked { type ifname . ipv4_addr; flags dynamic; size 100; }
  chain prerouting { type filter hook prerouting priority -300; ip daddr { 198.51.100.7, 10.0.0.20 } icmp type echo-request add @asked { iifname . ip saddr }; }
}
`;

describe('internet access by the tunnel', () => {
  let site: TestSite;
  let agent: ForegroundAgent;
  let connector: TestHost;
  let revision = 1;
  let before_: string;

  before(async () => {
    // Whose awk and sed can least; the shells differ in nothing that is used here.
    site = await testSite('busybox');
    connector = site.connector;
    // The internet is an address of the gateway's machine, which is reached by the tunnel and by the local line alike.
    await site.gateway.must('ip addr add 198.51.100.7/32 dev lo');
    await site.gateway.must('nft -f -', recorder);
    await site.server.must('nft -f -', recorder);
    await site.server.must('ip route add default via 10.0.0.10');
    await connector.must(
      'ip -6 addr add 2001:db8:5::2/64 dev wan0 nodad; ip -6 addr add 2001:db8:6::1/64 dev lan0 nodad; ip -6 route add default via 2001:db8:5::1',
    );
    // A second remote, far away: what carries the tunnel needs an exception.
    await site.controller.set({ profile: site.profile.replace('1194 udp', '1194 udp\nremote 192.0.2.77 1194 udp') });
    agent = await site.installForeground();
    before_ = await connector.must(everyRoute);
  });
  after(async () => await site[Symbol.asyncDispose]());

  async function becomes(changes: Parameters<typeof desired>[1], what: string, look: () => Promise<boolean>): Promise<void> {
    revision += 1;
    await site.controller.set({ desired: desired(revision, changes) });
    await until(what, look, 20_000).catch(async (cause: unknown) => {
      throw new Error(`${String(cause)}\n${agent.output()}\n${await connector.must(everyRoute)}`);
    });
  }
  const applied = async (): Promise<boolean> =>
    (await connector.must('cat /run/causeway-connector/applied')).trim() === String(revision);
  /** Who was seen asking at a machine, after one ping from another. */
  const seen = async (at: TestHost, from: TestHost, target: string, source = ''): Promise<string> => {
    await at.must('nft flush set ip seen asked');
    await from.run(`ping -c1 -W1 ${source} ${target}`);
    return (await at.must('nft list set ip seen asked')).match(/elements = \{ (.*) \}/)?.[1] ?? 'nobody';
  };

  it('lan: what the LAN sends to the internet goes into the tunnel, the machine’s own does not', async () => {
    assert.equal(await seen(site.gateway, site.server, '198.51.100.7'), '"wan0" . 10.0.0.20');
    await becomes(
      { internet: 'lan' },
      'the rules are there',
      async () => (await applied()) && (await connector.must('ip rule')).includes('lookup 196'),
    );
    assert.equal(await seen(site.gateway, site.server, '198.51.100.7'), '"cwtest" . 10.0.0.20');
    assert.equal(await seen(site.gateway, connector, '198.51.100.7'), '"wan0" . 203.0.113.2');
    assert.equal((await site.gateway.run('ping -c1 -W1 10.0.0.20')).code, 0, 'the tunnel itself is reached by the local line');
    // IPv6 of the LAN is refused, not carried past the tunnel; neighbours stay.
    const sixth = async (target: string) =>
      (await connector.run(`ip -6 route get ${target} from 2001:db8:6::9 iif lan0 2>&1`)).stdout;
    assert.match(await sixth('2001:db8:99::1'), /No route to host/);
    assert.match(await sixth('2001:db8:5::7'), /dev wan0/);
    assert.match((await connector.run('ip -6 route get 2001:db8:99::1')).stdout, /dev wan0/, 'the machine’s own');
    // Another device in between: refused at once, never by the local line.
    await connector.must('ip route del default table 196');
    assert.match((await site.server.run('ping -c1 -W1 198.51.100.7')).stdout, /Unreachable/);
    await becomes({ internet: 'lan' }, 'it is put back', async () =>
      (await connector.must('ip route show table 196')).includes('default dev causeway0'),
    );
  });

  it('follows a hand-over', async () => {
    await site.startLane('h');
    const mark = agent.output().length;
    await becomes({ internet: 'lan', handover: `203.0.113.1 ${String(lanePorts.h)}`, tunnel: 'ab' }, 'two legs', async () =>
      Promise.resolve(agent.output().slice(mark).split('handed over to').length === 2),
    );
    assert.match(await connector.must('ip route show table 196'), /default dev causeway1 /);
    await until('back', async () => Promise.resolve(agent.output().slice(mark).split('handed over to').length === 3), 20_000);
    assert.match(await connector.must('ip route show table 196'), /default dev causeway0 /);
    assert.equal(await seen(site.gateway, site.server, '198.51.100.7'), '"cwtest" . 10.0.0.20');
  });

  it('leaves nothing behind when internet access is local again', async () => {
    await becomes({ tunnel: 'ab' }, 'all is as it was', async () => (await connector.must(everyRoute)) === before_);
    assert.equal(await seen(site.gateway, site.server, '198.51.100.7'), '"wan0" . 10.0.0.20');
  });

  it('machine: its own goes into the tunnel, except what carries the tunnel; exceptions follow the default route', async () => {
    await becomes(
      { internet: 'machine', tunnel: 'ab' },
      'the halves are there',
      async () => (await applied()) && (await connector.must('ip route')).includes('128.0.0.0/1 dev causeway0'),
    );
    assert.equal(await seen(site.gateway, connector, '198.51.100.7'), '"cwtest" . 100.96.0.100');
    assert.match(await connector.must('ip route show 192.0.2.77'), /via 203\.0\.113\.1 dev wan0/);
    assert.equal((await connector.run('ping -c1 -W1 10.0.0.20')).code, 0, 'the LAN');
    assert.match((await connector.run('ip -6 route get 2001:db8:99::1 2>&1')).stdout, /No route to host/);
    assert.match((await connector.run('ip -6 route get 2001:db8:5::7')).stdout, /dev wan0/);
    assert.match(await connector.must('causeway-connector status'), /^internet {4}machine$/m);
    await connector.must('ip route replace default via 203.0.113.9');
    await becomes({ internet: 'machine', tunnel: 'ab' }, 'the exception follows', async () =>
      (await connector.must('ip route show 192.0.2.77')).includes('via 203.0.113.9'),
    );
    await connector.must('ip route replace default via 203.0.113.1');
    // The device goes: nothing leaves by the local line.
    await connector.must('ip link set causeway0 down');
    assert.notEqual(await seen(site.gateway, connector, '198.51.100.7'), '"wan0" . 203.0.113.2');
    await becomes({ tunnel: 'ab' }, 'all is as it was', async () => (await connector.must(everyRoute)) === before_);
  });

  it('an internet gateway hides other sites from the internet, and not from its servers; routed hides nobody', async () => {
    // Here the internet is behind the LAN, and 192.168.0.5 is a machine of another site.
    await site.gateway.must(
      'ip addr del 198.51.100.7/32 dev lo; ip addr add 192.168.0.5/32 dev cwtest; ip route add 198.51.100.7 dev cwtest',
    );
    await site.server.must('ip addr add 198.51.100.7/32 dev lo; ip route add 192.168.0.0/22 via 10.0.0.10');
    await connector.must('ip route add 198.51.100.7 via 10.0.0.20');
    const internet = async () => await seen(site.server, site.gateway, '198.51.100.7', '-I 192.168.0.5');
    const server = async () => await seen(site.server, site.gateway, '10.0.0.20', '-I 192.168.0.5');
    assert.equal(await internet(), '"lan0" . 192.168.0.5');
    await becomes({ egress: 'yes', tunnel: 'ab' }, 'egress', applied);
    assert.equal(await internet(), '"lan0" . 10.0.0.10');
    assert.equal(await server(), '"lan0" . 192.168.0.5');
    await becomes({ egress: 'yes', nat: 'routed', tunnel: 'ab' }, 'routed', applied);
    assert.equal(await internet(), '"lan0" . 192.168.0.5');
  });

  it('an internet gateway whose own default route is the tunnel, or is not there, says so', async () => {
    const problems = async () => await connector.must('cat /run/causeway-connector/problems/apply');
    await connector.must('ip route del default');
    await becomes({ egress: 'yes', tunnel: 'ab' }, 'none', async () => (await problems()).includes('egress-no-default'));
    await connector.must('ip route add default dev causeway0');
    await becomes({ egress: 'yes', tunnel: 'ab' }, 'a loop', async () => (await problems()).includes('egress-loop'));
    await connector.must('ip route replace default via 203.0.113.1');
    await becomes({ egress: 'yes', tunnel: 'ab' }, 'mended', async () => (await problems()) === '');
  });

  it('takes a thousand routes within seconds, and everything back at uninstall', async () => {
    const route = Array.from(
      { length: 1000 },
      (_, index) => `10.${String(100 + Math.floor(index / 250))}.${String(index % 250)}.0/24`,
    );
    await becomes(
      { internet: 'lan', route, tunnel: 'ab' },
      'a thousand routes',
      async () => (await connector.must('ip route show proto 196 | wc -l')).trim() === '1001',
    );
    await agent.stop();
    await connector.must('causeway-connector uninstall');
    assert.doesNotMatch(await connector.must(`${everyRoute}; ip -o link`), /proto 196|lookup 196|causeway/);
  });
});
