import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { until, testHost } from './test-host.ts';
import type { TestHost, Userland } from './test-host.ts';
import type { ForegroundAgent, TestSite } from './test-site.ts';
import { cable, desired, testSite } from './test-site.ts';

const overlay = '100.96.0.0/11';

/**
 * requestTests is every test of what the agent is asked for once (contract/agent-request.ts) on one kind of machine. The site has a router
 * here, 10.0.0.1, by which the server reaches everything but its LAN: the three machines are ports of a bridge.
 */
export function requestTests(userland: Userland): void {
  describe(`requests to the agent on a ${userland} machine`, () => {
    let site: TestSite;
    let router: TestHost;
    let agent: ForegroundAgent;
    let connector: TestHost;
    let revision = 1;

    before(async () => {
      site = await testSite(userland);
      router = await testHost();
      ({ connector } = site);
      await connector.must('ip link del lan0');
      await router.must(
        'ip link add br0 type bridge; ip addr add 10.0.0.1/18 dev br0; ip link set br0 up; echo 1 >/proc/sys/net/ipv4/ip_forward',
      );
      // What only passes the bridge is not seen by the router, as with a switch.
      await router.must('for call in /proc/sys/net/bridge/bridge-nf-call-*tables; do [ ! -e "$call" ] || echo 0 >"$call"; done');
      // A redirect would mend what is to be found (decision in probe.sh).
      await router.must('echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects; echo 0 >/proc/sys/net/ipv4/conf/br0/send_redirects');
      for (const [host, port, address] of [
        [connector, 'p1', '10.0.0.10'],
        [site.server, 'p2', '10.0.0.20'],
      ] as const) {
        await cable(host, 'lan0', router, port);
        await router.must(`ip link set ${port} master br0`);
        await host.must(`ip addr add ${address}/18 dev lan0; ip route replace default via 10.0.0.1`);
      }
      site.server.spawn(['busybox', 'nc', '-ll', '-p', '8080', '-e', 'true'], { ipc: false });
      await site.server.must(
        'nft -f -',
        'table ip shut { chain in { type filter hook input priority 0; tcp dport 82 drop; tcp dport 83 reject with icmp type admin-prohibited; }\n}\n',
      );
      agent = await site.installForeground();
    });
    after(async () => {
      await site[Symbol.asyncDispose]();
      await router.remove();
    });

    async function becomes(changes: Parameters<typeof desired>[1]): Promise<void> {
      revision += 1;
      await site.controller.set({ desired: desired(revision, changes) });
      await until(
        `revision ${String(revision)} is applied`,
        async () => (await connector.must('cat /run/causeway-connector/applied')).trim() === String(revision),
        20_000,
      );
    }
    /** Sends a request and gives the lines of as many answers as are wanted, and how long it took. */
    async function ask(lines: readonly string[], wanted = 1): Promise<{ answers: readonly string[]; took_ms: number }> {
      const id = randomUUID();
      const began = performance.now();
      await site.controller.set({ request: `ask ${id} 2\n${lines.map((line) => `${line}\n`).join('')}` });
      const bodies = await until('the answers', async () => {
        const given = (await site.seen()).answers[id] ?? [];
        return given.length >= wanted && given;
      }).catch((cause: unknown) => {
        throw new Error(`${String(cause)}\n${agent.output()}`);
      });
      const answers = bodies.flatMap((body) => body.trimEnd().split('\n')).toSorted();
      return { answers, took_ms: performance.now() - began };
    }
    const leftovers = async () => await connector.must('ip rule show pref 9195; ip route show table 197 2>/dev/null || true');

    it('tells an open port, a closed one, silence, a refusal on the way and nobody apart, in bounded time', async () => {
      await connector.must('ip link set lan0 mtu 1400');
      const { answers, took_ms } = await ask([
        'probe 0 lan tcp 10.0.0.20 8080 -',
        'probe 1 lan tcp 10.0.0.20 81 -',
        'probe 2 lan tcp 10.0.0.20 82 -',
        'probe 3 lan tcp 10.0.0.20 83 -',
        'probe 4 lan tcp 10.0.0.77 80 -',
        'probe 5 lan icmp 10.0.0.20 - -',
        'probe 6 lan icmp 10.0.0.20 - 1500',
        'probe 7 overlay tcp 10.0.0.20 8080 -',
      ]);
      await connector.must('ip link set lan0 mtu 1500');
      const expected = [
        /^0 answered .*Connected to|^0 answered .*Established/,
        /^1 refused .*Connection refused/,
        /^2 silent \S/,
        /^3 unreachable .*No route to host|^3 unreachable .*nreachable/,
        /^4 unreachable .*10\.0\.0\.77/,
        /^5 answered \d+ bytes from 10\.0\.0\.20.* time=/,
        userland === 'busybox' ? /^6 not-possible .*option/ : /^6 too-big .*1400/,
        // NAT is on.
        /^7 answered /,
      ];
      assert.equal(answers.length, expected.length, answers.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(answers[index] ?? '', pattern);
      // Three seconds at most on a machine that has nothing else to do.
      assert.ok(took_ms < 5_000, `took ${String(took_ms)} ms`);
      const quick = await ask(['probe 0 lan tcp 10.0.0.20 8080 -', 'probe 1 lan icmp 10.0.0.20 - -']);
      // Not the time of silence.
      assert.ok(quick.took_ms < 1_700, `with answers ${String(quick.took_ms)} ms`);
    });

    it('sends nothing to anybody else, whatever the request says', async () => {
      await site.gateway.must('ip addr replace 198.51.100.7/32 dev lo');
      const { answers } = await ask([
        'probe 0 lan tcp 198.51.100.7 80 -',
        'probe 1 lan tcp 203.0.113.1 8443 -',
        'probe 2 lan icmp 10.0.64.1 - -',
        'probe 3 lan tcp 10.0.0.20 0 -',
        'probe 4 lan tcp 10.0.0.20;reboot 80 -',
        'probe 5 anywhere tcp 10.0.0.20 80 -',
        'probe 6 lan icmp 10.0.0.20 - 27',
        'probe 7 lan icmp fd00::1 - -',
        'probe 8 lan icmp 10.0.0.20 - -',
        'probe x lan icmp 10.0.0.20 - -',
      ]);
      assert.deepEqual(
        answers.map((line) => line.split(' ').slice(0, 2).join(' ')),
        Array.from({ length: 8 }, (_, number) => `${String(number)} not-possible`),
      );
      assert.match(answers[0] ?? '', /198\.51\.100\.7 is no address of this network, and not its router/);
      const router_ = await ask(['probe 0 lan icmp 10.0.0.1 - -']);
      assert.match(router_.answers[0] ?? '', /^0 answered/);
    });

    it('shows whether answers find the way back, and a router that wants to see the beginning', async () => {
      await becomes({ nat: 'routed' });
      const both = ['probe 0 lan tcp 10.0.0.20 8080 -', 'probe 1 overlay tcp 10.0.0.20 8080 -'];
      const words = async (lines: readonly string[]) =>
        (await ask(lines)).answers.map((line) => line.split(' ').slice(0, 2).join(' '));
      assert.deepEqual(await words(both), ['0 answered', '1 silent'], 'no route back');
      await router.must(`ip route add ${overlay} via 10.0.0.10`);
      assert.deepEqual(await words(both), ['0 answered', '1 answered'], 'a route back');
      await router.must(
        'nft -f -',
        'table inet fw { chain f { type filter hook forward priority 0; ct state invalid counter drop; ct state established,related accept; ct state new accept; }\n}\n',
      );
      // What a killed agent left, of an address that it has no more.
      await connector.must(
        'ip rule add pref 9195 from 100.96.9.9/32 to 10.0.0.20/32 lookup 197; ip route add 10.0.0.99/32 via 10.0.0.1 dev lan0 table 197',
      );
      const { answers } = await ask([
        ...both,
        'probe 2 via-router tcp 10.0.0.20 8080 -',
        'probe 3 via-router icmp 10.0.0.1 - -',
        'probe 4 via-router icmp 10.0.0.20 - -',
      ]);
      assert.deepEqual(
        answers.map((line) => line.split(' ').slice(0, 2).join(' ')),
        ['0 answered', '1 silent', '2 answered', '3 not-possible', '4 answered'],
        answers.join('\n'),
      );
      assert.equal(await leftovers(), '', 'nothing of it stays');
      await router.must(`nft delete table inet fw; ip route del ${overlay}`);
      await becomes({});
    });

    it('asks in another network from its LAN address, through the tunnel, and nobody there by another way', async () => {
      const branchRouter = '192.168.0.1';
      await site.gateway.must(`ip addr replace ${branchRouter}/32 dev lo`);
      await site.gateway.must(
        'nft -f -',
        'table ip met { chain in { type filter hook input priority 0; iifname "cwtest" ip saddr 10.0.0.10 ip daddr 192.168.0.1 counter; }\n}\n',
      );
      // A second address in the network, at another device than that of the default route, and one of a transfer network before it.
      await connector.must('ip addr add 10.0.63.10/32 dev wan0; ip addr add 10.0.0.11/18 dev lan0');
      const words = async (lines: readonly string[]) =>
        (await ask(lines)).answers.map((line) => line.split(' ').slice(0, 2).join(' '));
      const both = [`probe 0 site icmp ${branchRouter} - -`, `probe 1 site tcp ${branchRouter} 8443 -`];
      assert.deepEqual(await words(both), ['0 answered', '1 answered'], 'a route back');
      assert.match(await site.gateway.must('nft list table ip met'), /counter packets [1-9]/, 'with NAT on, and as it is');
      await site.gateway.must('ip route del 10.0.0.0/18 dev cwtest');
      assert.deepEqual(await words(both), ['0 silent', '1 silent'], 'no route back');
      await site.gateway.must('ip route add 10.0.0.0/18 dev cwtest');
      const refused = await ask([
        'probe 0 site icmp 10.0.0.20 - -',
        'probe 1 site icmp 100.96.0.1 - -',
        'probe 2 site icmp 198.51.100.7 - -',
        'probe 3 site icmp 203.0.113.1 - -',
        `probe 4 lan icmp ${branchRouter} - -`,
        `probe 5 overlay icmp ${branchRouter} - -`,
      ]);
      for (const [number, answer] of refused.answers.entries())
        assert.match(answer, new RegExp(`^${String(number)} not-possible .* is no address of (another|this) network`));
      assert.equal(refused.answers.length, 6);
      await connector.must(`ip route add ${branchRouter}/32 via 10.0.0.1 dev lan0`);
      assert.match((await ask(both)).answers[0] ?? '', /^0 not-possible .* does not send 192\.168\.0\.1 into the tunnel/);
      await connector.must(
        `ip route del ${branchRouter}/32; ip addr del 10.0.63.10/32 dev wan0; ip addr del 10.0.0.11/18 dev lan0`,
      );
      await site.gateway.must(`nft delete table ip met; ip addr del ${branchRouter}/32 dev lo`);
    });

    it('reports the machine when asked, after the answers', async () => {
      const { answers } = await ask(['probe 0 lan icmp 10.0.0.20 - -', 'observe'], 2);
      assert.match(answers[0] ?? '', /^0 answered/);
      assert.equal(answers[1], 'observed');
      const { log, sections } = await site.seen();
      const [posted, observed] = [
        log.findLastIndex((line) => line.startsWith('POST observation')),
        log.findLastIndex((line) => line.startsWith('POST answers')),
      ];
      assert.ok(posted < observed && log.slice(0, posted).some((line) => line.startsWith('POST answers')), 'in this order');
      assert.match(sections['neigh'] ?? '', /10\.0\.0\.20/);
      assert.match(sections['sysctl'] ?? '', /^net\/ipv4\/conf\/lan0\/src_valid_mark=0$/m);
      assert.match(sections['sysctl'] ?? '', /^net\/ipv4\/ip_forward=1$/m);
      assert.match(sections['agent'] ?? '', /^container=/m);
    });

    it('answers no more than it should, and keeps no request', async () => {
      await connector.must('for i in $(seq 60); do date +%s; done >/run/causeway-connector/asked-at');
      const { answers } = await ask(['probe 0 lan icmp 10.0.0.20 - -']);
      assert.match(answers[0] ?? '', /^refuse this machine answers 60 requests a minute/);
      await connector.must(': >/run/causeway-connector/asked-at');
      assert.doesNotMatch(await connector.must('cat /var/lib/causeway-connector/desired'), /^(ask|probe|observe)/m);
    });

    it('does what is on its list of fixes and nothing else', async () => {
      await connector.must('echo 1 >/proc/sys/net/ipv4/conf/lan0/rp_filter');
      const { answers } = await ask([
        'act 0 sysctl net/ipv4/conf/lan0/rp_filter 2',
        'act 1 sysctl net/ipv4/conf/lan0/rp_filter 1',
        'act 2 sysctl kernel/core_pattern 1',
        'act 3 sysctl net/ipv4/conf/../../../kernel/sysrq 1',
        'act 4 sysctl net/ipv4/conf/none0/forwarding 1',
        'act 5 reboot',
        'act 6 accept-forward ip filter INPUT',
        'act 7 accept-forward inet causeway_connector forward',
      ]);
      assert.deepEqual(
        answers.map((line) => line.split(' ')[1]),
        ['done', ...Array.from({ length: 7 }, () => 'failed')],
        answers.join('\n'),
      );
      assert.match(answers[0] ?? '', /rp_filter was 1 and is 2/);
      assert.equal(await connector.must('cat /proc/sys/net/ipv4/conf/lan0/rp_filter'), '2\n');
      assert.match(
        await connector.must('cat /etc/sysctl.d/91-causeway-connector.conf'),
        /^# .*\nnet\/ipv4\/conf\/lan0\/rp_filter = 2\n$/,
      );
    });

    it('opens a chain that drops what is forwarded, and opens it again when it is loaded anew', async () => {
      const other = `table ip other { }
delete table ip other
table ip other {
  chain user { }
  chain shared { }
  chain mapped { }
  map by_name { type ifname : verdict; elements = { "lan0" : jump mapped }; }
  chain forward { type filter hook forward priority 0; policy drop; jump user; jump shared; iifname vmap @by_name; }
  chain input { type filter hook input priority 0; policy accept; jump shared; }
}
`;
      const works = async () => (await site.gateway.run('ping -c1 -W1 10.0.0.20')).code === 0;
      await connector.must('nft -f -', other);
      assert.ok(!(await works()));
      const { answers } = await ask([
        'act 0 accept-forward ip other user',
        'act 1 accept-forward ip other input',
        'act 2 accept-forward ip other shared',
        'act 3 accept-forward ip other mapped',
        'act 4 accept-forward ip other none',
      ]);
      assert.match(answers[0] ?? '', /^0 done ip other user accepts causeway\*, in and out/);
      assert.match(
        answers[1] ?? '',
        /^1 failed there is no chain input in the table ip other that only forwarded packets come to/,
      );
      for (const answer of answers.slice(2)) assert.match(answer, /^\d failed /);
      assert.ok(await works());
      await connector.must('nft -f -', other);
      await becomes({});
      assert.ok(await works(), 'after the next pass');
      assert.match((await ask(['act 0 accept-forward ip other user'])).answers[0] ?? '', /^0 done .* already/);
      assert.match((await ask(['act 0 accept-forward ip other forward'])).answers[0] ?? '', /^0 done ip other forward accepts/);
    });

    it('forgets flows that nobody answers', async () => {
      await connector.must('conntrack -F 2>/dev/null');
      await site.gateway.run('ping -c1 -W1 10.0.0.20; ping -c1 -W1 10.0.0.88');
      await until(
        'both are tracked',
        async () => (await connector.must('conntrack -L -s 100.96.0.1 2>/dev/null')).split('\n').length > 2,
      );
      assert.match((await ask(['act 0 forget-flows'])).answers[0] ?? '', /^0 done [1-9]\d* flows/);
      const left = await connector.must('conntrack -L -s 100.96.0.1 2>/dev/null');
      assert.doesNotMatch(left, /dst=10\.0\.0\.88/);
      assert.match(left, /dst=10\.0\.0\.20/, 'those with answers stay');
    });

    it('takes every fix back when it is removed', async () => {
      await connector.must(
        'ip rule add pref 9195 from 100.96.9.9/32 to 10.0.0.20/32 lookup 197; ip route add 10.0.0.99/32 via 10.0.0.1 dev lan0 table 197',
      );
      await connector.must('causeway-connector uninstall');
      assert.equal(await connector.must('cat /proc/sys/net/ipv4/conf/lan0/rp_filter'), '1\n');
      assert.doesNotMatch(await connector.must('nft list table ip other'), /causeway/);
      assert.equal(await connector.must('ls /etc/sysctl.d | grep causeway || true'), '');
      assert.equal(await leftovers(), '');
    });
  });
}
