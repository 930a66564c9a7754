import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './test-host.ts';
import type { TestHost, Userland } from './test-host.ts';
import type { ForegroundAgent, TestSite } from './test-site.ts';
import { desired, testSite, token } from './test-site.ts';

/**
 * agentTests is every test of the running agent on one kind of machine. Two files call it, one for each, so that they run at the same time.
 */
export function agentTests(userland: Userland): void {
  describe(`the agent on a ${userland} machine`, () => {
    let site: TestSite;
    let agent: ForegroundAgent;
    let connector: TestHost;
    let revision = 1;

    before(async () => {
      site = await testSite(userland);
      connector = site.connector;
      agent = await site.installForeground();
    });
    after(async () => await site[Symbol.asyncDispose]());

    /** Gives the agent a new state and waits until a look at the machine is satisfied. */
    async function becomes(changes: Parameters<typeof desired>[1], what: string, look: () => Promise<boolean>): Promise<void> {
      revision += 1;
      await site.controller.set({ desired: desired(revision, changes) });
      await until(what, look, 20_000).catch((cause: unknown) => {
        throw new Error(`${String(cause)}\n${agent.output()}`);
      });
    }
    const routes = async () =>
      (await connector.must('ip -4 route show proto 196'))
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    const saidSince = (mark: number, text: string) => agent.output().slice(mark).includes(text);
    const pingServer = async () => (await site.gateway.run('ping -c1 -W1 10.0.0.20')).code === 0;

    it('adds and deletes its own routes only, and keeps the address', async () => {
      await connector.must('ip route add 198.51.100.0/24 dev causeway0; ip route add 172.16.9.0/24 via 203.0.113.1 proto 197');
      await becomes(
        { route: ['192.168.0.0/22', '172.16.0.0/24', '172.17.1.7/32'] },
        'three routes',
        async () => (await routes()).length === 4,
      );
      await becomes({ route: ['172.17.1.7/32'] }, 'two routes', async () => (await routes()).length === 2);
      assert.deepEqual(await routes(), ['100.96.0.0/11 dev causeway0 scope link', '172.17.1.7 dev causeway0 scope link']);
      assert.match(
        await connector.must('ip route show 198.51.100.0/24; ip route show 172.16.9.0/24'),
        /causeway0[^]*203\.0\.113\.1/,
      );
      await connector.must('ip route del 198.51.100.0/24; ip route del 172.16.9.0/24');
      await becomes({ address: '100.96.0.101' }, 'the new address', async () =>
        (await connector.must('ip -4 -o addr show dev causeway0')).includes('100.96.0.101/32'),
      );
      assert.doesNotMatch(await connector.must('ip -4 -o addr show dev causeway0'), /100\.96\.0\.100/);
      await becomes({}, 'the address before', async () =>
        (await connector.must('ip -4 -o addr show dev causeway0')).includes('100.96.0.100/32'),
      );
    });

    it('refuses routes that would cut the machine off, and says why', async () => {
      const bad = ['10.0.1.0/24', '0.0.0.0/0', '203.0.113.0/24', '203.0.113.1/32'];
      await connector.must('ip route add 192.0.2.0/24 via 10.0.0.20');
      await becomes(
        { route: [...bad, '192.0.2.0/24', '192.168.0.0/22'] },
        'the good route is there and the bad are reported',
        async () => {
          const problems = await connector.must('cat /run/causeway-connector/problems/apply');
          return (await routes()).some((line) => line.startsWith('192.168.0.0/22')) && problems.includes('route-taken');
        },
      );
      const problems = await connector.must('cat /run/causeway-connector/problems/apply');
      for (const prefix of bad) assert.match(problems, new RegExp(`^route-refused ${prefix.replaceAll('.', '\\.')} `, 'm'));
      assert.match(problems, /^route-refused 0\.0\.0\.0\/0 covers 203\.0\.113\.0\/24, this machine's own LAN at wan0;/m);
      assert.match(
        problems,
        /^route-taken 192\.0\.2\.0\/24 cannot be routed into the tunnel: 192\.0\.2\.0\/24 via 10\.0\.0\.20/m,
      );
      assert.equal((await routes()).length, 2);
      assert.ok(await pingServer(), 'nothing was cut off');
      await connector.must('ip route del 192.0.2.0/24');
      await becomes(
        {},
        'the problems are gone',
        async () => (await connector.must('cat /run/causeway-connector/problems/apply')) === '',
      );
      assert.match(agent.output(), /mended: route-taken 192\.0\.2\.0\/24$/m);
    });

    it('ignores a state that was cut off or holds anything else, and says so', async () => {
      const spoils = [
        (text: string) => text.replace('end\n', ''),
        (text: string) => text.replace('masquerade', 'routed; reboot'),
      ];
      for (const spoil of spoils) {
        const mark = agent.output().length;
        await site.controller.set({ desired: spoil(desired(revision + 1, { route: [] })) });
        await until('the agent says that it ignores it', async () => Promise.resolve(saidSince(mark, 'desired-ignored')));
        assert.equal((await routes()).length, 2, 'nothing changed');
        await becomes({}, 'it is mended', async () => Promise.resolve(saidSince(mark, 'mended: desired-ignored')));
      }
    });

    it('hides tunnel addresses, or only the gateway’s own, and lets old flows go when NAT is turned on', async () => {
      // The server's own record of who asked.
      await site.server.must(
        'nft -f -',
        'table ip seen {\n set sources { type ipv4_addr; flags dynamic; size 100; }\n chain input { type filter hook input priority 0; icmp type echo-request add @sources { ip saddr }; }\n}\n',
      );
      const seenAtServer = async (source: string): Promise<string> => {
        await site.server.must('nft flush set ip seen sources');
        await site.gateway.run(`ping -c1 -W1 -I ${source} 10.0.0.20`);
        return (await site.server.must('nft list set ip seen sources')).match(/elements = \{ (.*) \}/)?.[1] ?? 'nobody';
      };
      await site.gateway.must('ip addr add 100.96.7.7/32 dev cwtest');
      assert.equal(await seenAtServer('100.96.7.7'), '10.0.0.10');
      await becomes({ nat: 'routed' }, 'routed mode', async () =>
        (await connector.must('nft list set inet causeway_connector masqueraded')).includes('{ 100.96.0.1 }'),
      );
      await connector.must('conntrack -F 2>/dev/null');
      assert.equal(await seenAtServer('100.96.7.7'), '100.96.7.7');
      assert.equal(await seenAtServer('100.96.0.1'), '10.0.0.10');
      // An unanswered flow is tracked without NAT: it must work as soon as NAT is on.
      const flow = site.gateway.run('ping -c 20 -i 0.1 -W 1 -I 100.96.7.7 10.0.0.20', { timeout_ms: 20_000 });
      await until('the flow is tracked', async () =>
        (await connector.must('conntrack -L -s 100.96.7.7 2>/dev/null')).includes('UNREPLIED'),
      );
      await becomes({ nat: 'masquerade' }, 'masquerade', async () =>
        (await connector.must('nft list set inet causeway_connector masqueraded')).includes('100.96.0.0/11'),
      );
      const received = Number(/(\d+) received/.exec((await flow).stdout)?.[1]);
      assert.ok(received > 0, 'the flow that was running got answers');
    });

    it('puts back what somebody else took away', async () => {
      await connector.must(
        'nft delete table inet causeway_connector; echo 0 >/proc/sys/net/ipv4/ip_forward; ip route del 192.168.0.0/22; echo 1 >/proc/sys/net/ipv4/conf/causeway0/rp_filter',
      );
      await becomes({}, 'everything is back', async () => {
        const now = await connector.run(
          'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/causeway0/rp_filter; nft list table inet causeway_connector; ip route show proto 196',
        );
        return now.stdout.startsWith('1\n2\n') && now.stdout.includes('masquerade') && now.stdout.includes('192.168.0.0/22');
      });
      await connector.must('nft flush chain inet causeway_connector postrouting');
      await becomes({}, 'an edited table is whole again', async () =>
        (await connector.must('nft list table inet causeway_connector')).includes('bytes 0 masquerade'),
      );
      await site.gateway.must('ping -c1 -W1 10.0.0.20');
      const packets = await connector.must('nft list table inet causeway_connector');
      assert.match(packets, /counter packets [1-9]\d* bytes \d+ masquerade/);
      const mark = agent.output().length;
      await becomes({ route: [] }, 'another pass', async () => (await routes()).length === 1);
      assert.ok(!saidSince(mark, 'nat:'), 'a table that is right is left alone');
      assert.match(
        await connector.must('nft list table inet causeway_connector'),
        /counter packets [1-9]\d* bytes \d+ masquerade/,
        'with its counters',
      );
      await becomes({}, 'the routes before', async () => (await routes()).length === 2);
    });

    it('refuses a profile that could run something, and stays on the one before', async () => {
      const pid = await connector.must('cat /run/causeway-connector/causeway0.pid');
      const { profile } = site;
      await site.controller.set({ profile: `${profile}up /bin/evil\n` });
      await becomes({ profile: 'bb22' }, 'the refusal is reported', async () =>
        (await connector.must('cat /run/causeway-connector/problems/profile')).includes('profile-refused line'),
      );
      assert.match(await connector.must('cat /run/causeway-connector/problems/profile'), /directive "up" is not allowed/);
      assert.equal(await connector.must('cat /run/causeway-connector/causeway0.pid'), pid);
      assert.doesNotMatch(await connector.must('cat /var/lib/causeway-connector/causeway0.conf'), /evil/);
      await site.controller.set({ profile });
      await becomes(
        { profile: 'aa11' },
        'it is mended',
        async () => (await connector.must('cat /run/causeway-connector/problems/profile')) === '',
      );
      assert.equal(await connector.must('cat /run/causeway-connector/causeway0.pid'), pid, 'the same profile restarts nothing');
    });

    it('stops the tunnel while it is suspended', async () => {
      await becomes(
        { state: 'suspended' },
        'openvpn has ended',
        async () => (await connector.run('p=$(cat /run/causeway-connector/causeway0.pid) && kill -0 "$p"')).code !== 0,
      );
      const mark = agent.output().length;
      await becomes({}, 'the tunnel is up again', async () => Promise.resolve(saidSince(mark, 'tunnel up')));
    });

    it('starts an openvpn that was killed again, and reconnects soon after its lane died', async () => {
      let mark = agent.output().length;
      const killed = await connector.must('cat /run/causeway-connector/causeway0.pid');
      await connector.must('kill -KILL "$(cat /run/causeway-connector/causeway0.pid)"');
      await until('the tunnel is up again', async () => Promise.resolve(saidSince(mark, 'tunnel up')), 15_000);
      assert.notEqual(await connector.must('cat /run/causeway-connector/causeway0.pid'), killed);
      mark = agent.output().length;
      await site.stopLane();
      const died = performance.now();
      await site.startLane();
      await until('the agent noticed', async () => Promise.resolve(saidSince(mark, 'reconnecting')));
      const noticed_ms = performance.now() - died;
      // openvpn's keepalive would take 20 s; the bound leaves room for a loaded machine.
      assert.ok(noticed_ms < 8_000, `noticed after ${String(Math.round(noticed_ms))} ms`);
      await until('the tunnel is up again', async () => Promise.resolve(saidSince(mark, 'tunnel up')), 20_000);
      assert.ok(await pingServer());
    });

    it('leaves an openvpn alone that is connecting again by itself', async () => {
      const pid = await connector.must('cat /run/causeway-connector/causeway0.pid');
      const mark = agent.output().length;
      await site.stopLane();
      // As when the gateway asks it to: it begins with the remote that it was on.
      await connector.must('kill -USR1 "$(cat /run/causeway-connector/causeway0.pid)"');
      await until('the agent noticed', async () => Promise.resolve(saidSince(mark, 'openvpn is connecting again')));
      await site.startLane();
      await until('the tunnel is up again', async () => Promise.resolve(saidSince(mark, 'tunnel up')), 20_000);
      assert.equal(await connector.must('cat /run/causeway-connector/causeway0.pid'), pid, 'the same openvpn');
      assert.ok(await pingServer());
    });

    it('leaves the tunnel alone when it is killed, and its successor takes over', async () => {
      const pid = await connector.must('cat /run/causeway-connector/causeway0.pid');
      await connector.must('kill -KILL "$(cat /run/causeway-connector/agent.pid)"');
      await agent.exited;
      assert.ok(await pingServer(), 'packets go on');
      agent = await site.installForeground();
      assert.equal(await connector.must('cat /run/causeway-connector/causeway0.pid'), pid, 'the same openvpn');
      assert.ok(await pingServer());
    });

    it('works on while the controller is away, also from the start, and follows it afterwards', async () => {
      await site.controller.stop();
      await until(
        'the agent noticed',
        async () => (await connector.must('cat /run/causeway-connector/problems/poll')).includes('controller-unreachable'),
        40_000,
      );
      await connector.must('kill "$(cat /run/causeway-connector/agent.pid)"');
      await agent.exited;
      await connector.must(
        'ip link del causeway0; nft delete table inet causeway_connector; echo 0 >/proc/sys/net/ipv4/ip_forward',
      );
      const child = connector.spawn(['sh', '-c', 'exec /usr/local/lib/causeway-connector/agent.sh run'], { ipc: false });
      let text = '';
      child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
      agent = { output: () => text, exited, stop: async () => Promise.resolve() };
      await until('the tunnel is up from what is on the disk', async () => Promise.resolve(text.includes('tunnel up')), 20_000);
      assert.ok(await pingServer());
      await site.controller.start();
      // A controller that lost its memory: the credential is unknown there.
      await until('the refusal is said', async () => Promise.resolve(text.includes('credential-refused')), 30_000);
      assert.ok(await pingServer(), 'and changes nothing');
      await connector.must('kill "$(cat /run/causeway-connector/agent.pid)"');
      await exited;
      await site.controller.set(site.served);
      agent = await site.installForeground();
      // It has another certificate now, and no way to hand over.
      await until('packets pass', pingServer);
      revision = 1;
    });

    it('renews certificate and credential when they are due', async () => {
      const certificate = await connector.must('cksum /var/lib/causeway-connector/certificate.pem');
      const credential = await connector.must('cat /var/lib/causeway-connector/credential');
      await agent.stop();
      await site.controller.set({ renewCertificates: true });
      await connector.must(
        'echo 7800000 >/var/lib/causeway-connector/renew-before; touch -d "2020-01-01 00:00:00" /var/lib/causeway-connector/credential',
      );
      // The functions that the agent calls once a minute, in the agent's own text.
      await connector.must(
        `sed '/^main "\\$@"$/,$d' /usr/local/lib/causeway-connector/agent.sh >/run/functions.sh; echo 'set -u; umask 077; mkdir -p "$RUN/problems"; renew_what_is_due; cat "$RUN/problems/renewal"; }' >>/run/functions.sh; sh /run/functions.sh`,
      );
      assert.notEqual(await connector.must('cksum /var/lib/causeway-connector/certificate.pem'), certificate);
      assert.notEqual(await connector.must('cat /var/lib/causeway-connector/credential'), credential);
      assert.match(await connector.must('cat /var/lib/causeway-connector/renew-before'), /^2[4-6]\d{5}$/m, 'a third of 90 days');
      assert.equal(await connector.must('cat /run/causeway-connector/problems/renewal'), '');
      agent = await site.installForeground();
    });

    it('posts what the machine looks like, raw, and unchanged sections by their hash', async () => {
      await connector.must(
        'nft add table inet theirs; nft add rule inet theirs x 2>/dev/null; nft add chain inet theirs c; nft add rule inet theirs c counter comment \\"secret-of-the-operator\\"',
      );
      await becomes({}, 'a pass', async () => Promise.resolve(true));
      await connector.must('touch /run/causeway-connector/observe-now');
      const seen = await until('an observation with unchanged sections', async () => {
        const now = await site.seen();
        return (
          now.log.includes('section platform same') &&
          now.sections['nft']?.includes('theirs') === true &&
          now.sections['tunnel']?.includes('up-since=') === true &&
          now
        );
      });
      const { sections, log } = seen;
      assert.match(log.findLast((line) => line.startsWith('POST observation')) ?? '', /^POST observation\?took=\d{1,5}$/);
      const addresses: unknown = JSON.parse(sections['addr'] ?? '');
      assert.match(JSON.stringify(addresses), /"local":"10\.0\.0\.10"/);
      assert.match(JSON.stringify(JSON.parse(sections['route'] ?? '')), /"dst":"192\.168\.0\.0\/22"/);
      assert.match(sections['sysctl'] ?? '', /^net\/ipv4\/conf\/causeway0\/rp_filter=2$/m);
      assert.match(sections['sysctl'] ?? '', /^net\/netfilter\/nf_conntrack_max=\d{3,}$/m);
      assert.match(sections['sysctl'] ?? '', /^persisted: net\.ipv4\.ip_forward = 1$/m);
      assert.match(sections['counters'] ?? '', /^Ip: .*InAddrErrors/m);
      assert.match(sections['agent'] ?? '', /^openvpn=OpenVPN 2\./m);
      assert.match(sections['tunnel'] ?? '', /^up-since=\d+$/m);
      assert.match(sections['tunnel-log'] ?? '', /Initialization Sequence Completed/);
      JSON.parse(sections['nft'] ?? '');
      assert.doesNotMatch(sections['nft'] ?? '', /secret-of-the-operator/);
      const everything = Object.values(sections).join('\n');
      assert.ok(!everything.includes((await connector.must('cat /var/lib/causeway-connector/credential')).trim()));
      assert.doesNotMatch(everything, /PRIVATE KEY/);
      assert.ok(!everything.includes(token));
    });
  });
}
