import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatDesiredState } from '../contract/connector-agent.ts';
import { connectorStates } from '../core/connector-desired.ts';
import { exampleWpc } from '../core/example-wpc.ts';
import { tryParseAddress } from '../core/ip/address.ts';
import { renderProfile } from '../core/profile.ts';
import { runFunctions, userlands } from './testing/shell-functions.ts';
import { desired } from './testing/test-site.ts';

for (const userland of userlands) {
  describe(`the agent's functions under ${userland}`, () => {
    it('believe the controller by both CAs while its CA is renewed, and keep what they have where a profile has none', async () => {
      const certificate = () =>
        execFileSync(
          'openssl',
          'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=x'.split(' '),
          {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          },
        );
      const [old, next] = [certificate(), certificate()];
      const believed = async (profile: string, ownCa: string) =>
        await runFunctions(
          userland,
          `STATE="$0.state" RUN="$0.run" CAUSEWAY_CA=${ownCa}
          mkdir "$STATE" "$RUN"; printf 'before\\n' >"$STATE/ca.pem"; cat >"$STATE/profile"
          keep_profile_ca >/dev/null 2>&1; cat "$STATE/ca.pem"; rm -r "$STATE" "$RUN"`,
          profile,
        );
      assert.equal(await believed(`client\n<ca>\n${old}${next}</ca>\nremote 192.0.2.1\n`, 'x'), `${old}${next}`);
      assert.equal(
        await believed(`client\n<ca>\n${old}${next}</ca>\n`, "''"),
        'before\n',
        'the portal has a certificate that is trusted anyway',
      );
      assert.equal(await believed('client\n<ca>\nAAAA\n</ca>\n', 'x'), 'before\n');
    });

    it('accept exactly the canonical IPv4 addresses and prefixes', async () => {
      const octet = fc.oneof(
        fc.integer({ min: 0, max: 300 }).map(String),
        fc.constantFrom('00', '01', '256', '', 'a', '-1', '0x1', '*', '1 '),
      );
      const address = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join('.'));
      const good = fc.ipV4();
      const texts = fc.sample(fc.oneof(address, good), 400).filter((text) => !text.includes('\n'));
      const printed = await runFunctions(
        userland,
        'while IFS= read -r text; do if address_number "$text"; then echo "yes $number"; else echo no; fi; done',
        `${texts.join('\n')}\n`,
      );
      const expected = texts.map((text) => {
        const parsed = tryParseAddress(text);
        return parsed?.family === 4 ? `yes ${String(parsed.value)}` : 'no';
      });
      assert.deepEqual(printed.trimEnd().split('\n'), expected);
      assert.ok(expected.some((line) => line === 'no') && expected.some((line) => line !== 'no'));
    });

    it('compare prefixes as numbers do', async () => {
      const prefix = fc
        .tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 32 }))
        .map(([number, length]) => ({
          first: length === 0 ? 0 : Number((BigInt(number) >> BigInt(32 - length)) << BigInt(32 - length)),
          length,
        }));
      const near = fc.tuple(prefix, fc.integer({ min: 0, max: 32 })).map(([outer, length]) => {
        const inner = Math.max(outer.length, length);
        return [{ first: outer.first, length: inner }, outer] as const;
      });
      const pairs = fc.sample(fc.oneof(fc.tuple(prefix, prefix), near), 300);
      const text = ({ first, length }: { first: number; length: number }) =>
        `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${String(length)}`;
      const last = ({ first, length }: { first: number; length: number }) => first + 2 ** (32 - length) - 1;
      const printed = await runFunctions(
        userland,
        `awk "$PREFIX_AWK"'{ print inside($1, $2) ? "yes" : "no" }'`,
        `${pairs.map(([a, b]) => `${text(a)} ${text(b)}`).join('\n')}\n`,
      );
      const expected = pairs.map(([a, b]) => (a.first >= b.first && last(a) <= last(b) ? 'yes' : 'no'));
      assert.deepEqual(printed.trimEnd().split('\n'), expected);
      assert.ok(expected.includes('yes') && expected.includes('no'));
    });

    it('refuse host bits and lengths that are none', async () => {
      const wrong = [
        '10.0.0.1/18',
        '10.0.0.0/33',
        '10.0.0.0/',
        '10.0.0.0',
        '/8',
        '10.0.0.0/08',
        '10.0.0.0/8/8',
        '10.0.0.0/-1',
        '010.0.0.0/8',
      ];
      const printed = await runFunctions(
        userland,
        'while read -r p; do if prefix_is "$p"; then echo "taken $p"; fi; done',
        `${wrong.join('\n')}\n`,
      );
      assert.equal(printed, '');
    });

    const read = async (text: string): Promise<string> =>
      await runFunctions(
        userland,
        'cat >"$0.desired.$$"; if read_desired "$0.desired.$$"; then echo "ok $desired_revision$desired_routes"; else echo "no $desired_failure"; fi; rm "$0.desired.$$"',
        text,
      );

    it('read what the controller writes', async () => {
      const wpc = exampleWpc({ networks: 3, devices: 1 });
      const first = wpc.connectors[0];
      assert.ok(first !== undefined);
      const state = connectorStates({ ...wpc, publicAddresses: [] })(first.id);
      assert.ok(state !== undefined);
      const text = formatDesiredState({
        ...state,
        revision: 7,
        profileHash: 'ab',
        tunnelHash: 'cd',
        handover: { host: 'gw.causeway.test', port: 1209 },
      });
      assert.equal(await read(text), `ok 7 ${state.routes.join(' ')}\n`);
    });

    it('read what only newer controllers say, and take the usual where nothing is said', async () => {
      const more = async (text: string) =>
        await runFunctions(
          userland,
          'cat >"$0.more.$$"; read_desired "$0.more.$$"; echo "$desired_egress $desired_internet $desired_tunnel $desired_handover"; rm "$0.more.$$"',
          text,
        );
      assert.equal(await more(desired(3)), 'no local  \n');
      const said = { egress: 'yes', internet: 'lan', tunnel: 'cd34', handover: 'gw.causeway.test 1209' };
      assert.equal(await more(desired(3, said)), 'yes lan cd34 gw.causeway.test 1209\n');
    });

    it('read nothing of a desired state that is cut off at any line', async () => {
      const lines = desired(3).trimEnd().split('\n');
      for (let length = 0; length < lines.length; length += 1)
        assert.match(
          await read(
            lines
              .slice(0, length)
              .map((line) => `${line}\n`)
              .join(''),
          ),
          /^no cut off/,
        );
      assert.match(await read(desired(3).slice(0, -3)), /^no /);
    });

    it('read nothing that is more than addresses, prefixes and known words', async () => {
      const cases: Readonly<Record<string, string>> = {
        address: '100.96.0.100; reboot',
        gateway: '$(reboot)',
        route: '10.9.0.1/16',
        range: '`id`/8',
        nat: 'masquerade; flush ruleset',
        state: 'gone',
        profile: '../../etc/passwd',
        revision: '-1',
        egress: 'maybe',
        internet: 'all',
        tunnel: 'xyz',
        handover: 'gw.causeway.test 1209; reboot',
      };
      for (const [word, value] of Object.entries(cases))
        assert.match(await read(desired(3, { [word]: value })), /^no bad value after/, `${word} ${value}`);
      for (const handover of ['-x 1', '$(id) 1', 'gw', 'gw 0', 'gw 65536', 'gw 08', 'gw\t1\t2'])
        assert.match(await read(desired(3, { handover })), /^no bad value after handover/, handover);
      assert.equal(await read(desired(3, { later: 'word of a newer controller' })), 'ok 3 192.168.0.0/22\n');
      assert.equal(
        await read(desired(3, { route: ['192.168.0.0/22', 'fd00::/64'] })),
        'ok 3 192.168.0.0/22\n',
        'IPv6 is left out',
      );
    });

    const judge = async (facts: string): Promise<string[]> =>
      (await runFunctions(userland, 'routes_judge', facts)).trimEnd().split('\n');
    const uplink = 'default wan0 203.0.113.1\nhop 203.0.113.1\nroute 203.0.113.0/24 wan0\nconnected 203.0.113.0/24 wan0\n';

    it('split a route around what must stay reachable, whatever it is, and around every route that the pieces would override', async () => {
      const octets = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
      const text = (prefix: readonly [number, number]) => `${octets(prefix[0])}/${String(prefix[1])}`;
      const range = (written: string): readonly [number, number] => {
        const [address = '', length = ''] = written.split('/');
        const first = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
        return [first, first + 2 ** (32 - Number(length))];
      };
      // Addresses inside 10.0.0.0/8 that must not go into the tunnel, and networks that are routed elsewhere.
      const inside = fc.tuple(fc.integer({ min: 10 * 2 ** 24, max: 11 * 2 ** 24 - 1 }), fc.integer({ min: 9, max: 32 }));
      const network = inside.map(([number, length]) => [number - (number % 2 ** (32 - length)), length] as const);
      const sample = fc.sample(
        fc.tuple(fc.array(inside, { minLength: 1, maxLength: 3 }), fc.array(network, { maxLength: 3 })),
        12,
      );
      for (const [gateways, networks] of sample) {
        const facts = [
          ...gateways.map(([number]) => `underlay ${octets(number)}`),
          ...networks.map((prefix) => `route ${text(prefix)} lan0`),
        ];
        // Nothing is taken where what is kept is the whole, and that is told as a problem.
        const taken = (await judge(`${uplink}${facts.join('\n')}\nroute 10.0.0.0/8\n`))
          .filter((line) => line.startsWith('take '))
          .map((line) => range(line.replace('take ', '')));
        const kept = [...gateways.map(([number]) => `${octets(number)}/32`), ...networks.map(text)].map(range);
        for (const [first, end] of taken)
          assert.ok(
            kept.every(([a, b]) => b <= first || a >= end),
            `${octets(first)} overlaps what is kept`,
          );
        // Nothing else is left out: what is taken and what is kept is the whole.
        let reached = 10 * 2 ** 24;
        for (const [first, end] of [...taken, ...kept].toSorted((a, b) => a[0] - b[0])) {
          assert.ok(first <= reached, `${octets(reached)} is left out`);
          reached = Math.max(reached, end);
        }
        assert.equal(reached, 11 * 2 ** 24);
      }
    });

    it('leave a route whole where the more particular one wins anyway, and refuse what cannot be split', async () => {
      assert.deepEqual(await judge(`${uplink}connected 10.0.0.0/18 lan0\nroute 10.0.0.0/18 lan0\nroute 10.0.0.0/8\n`), [
        'take 10.0.0.0/8',
      ]);
      assert.deepEqual(await judge(`${uplink}local 10.0.0.0/9\nroute 10.0.0.0/8\n`), ['take 10.128.0.0/9']);
      const many = Array.from({ length: 17 }, (_, index) => `route 10.${String(index * 2)}.0.0/16 lan0\n`).join('');
      assert.match(
        (await judge(`${uplink}${many}underlay 10.99.0.1\nroute 10.0.0.0/8\n`)).join(),
        /^problem route-refused 10\.0\.0\.0\/8 covers 10\.99\.0\.1, by which/,
      );
      assert.match((await judge(`${uplink}route 0.0.0.0/0\n`)).join(), /^problem route-refused 0\.0\.0\.0\/0 covers 203/);
      assert.match(
        (await judge(`${uplink}underlay 192.0.2.1\nroute 192.0.2.1/32\n`)).join(),
        /^problem route-refused 192\.0\.2\.1\/32 covers/,
      );
    });

    it('plan adds before deletes, replace what the other device holds, and leave alone what is not ours', async () => {
      const plan = async (known: string) =>
        (await runFunctions(userland, 'routes_difference causeway1 100.96.0.100', known)).trimEnd().split('\n');
      assert.deepEqual(
        await plan(
          'take 10.1.0.0/16\ntake 10.2.0.7/32\ntake 10.3.0.0/16\nheld 10.2.0.7 dev causeway0 scope link\nheld 10.3.0.0/16 dev causeway1 scope link\n' +
            'held 10.4.0.0/16 dev causeway0 scope link\nheld 203.0.113.9 via 203.0.113.1 dev wan0\nheld unreachable 0.0.0.0/1 metric 1000\naddress 100.96.0.9/32\n',
        ),
        [
          'addr add 100.96.0.100/32 dev causeway1',
          'route add 10.1.0.0/16 dev causeway1 proto 196',
          'route replace 10.2.0.7/32 dev causeway1 proto 196',
          'route del 10.4.0.0/16 dev causeway0 proto 196',
          'addr del 100.96.0.9/32 dev causeway1',
        ],
      );
      assert.deepEqual(
        await plan('take 10.1.0.0/16\nheld 10.1.0.0/16 dev causeway1 scope link\naddress 100.96.0.100/32\n'),
        [''],
        'and nothing when nothing is to be done',
      );
    });

    it('find the flows that should have NAT and have none', async () => {
      const flow = (source: string, destination: string, reply: string) =>
        `tcp 6 100 ESTABLISHED src=${source} dst=${destination} sport=1 dport=2 src=${destination} dst=${reply} sport=2 dport=1 [ASSURED]\n`;
      const found = await runFunctions(
        userland,
        'flows_without_nat',
        'masqueraded 100.96.0.0/11\nsite 192.168.0.0/22\nlocal 10.0.0.0/18\n' +
          flow('100.96.7.7', '10.0.0.20', '100.96.7.7') +
          flow('100.96.7.8', '10.0.0.20', '10.0.0.10') +
          flow('192.168.1.5', '10.0.0.20', '192.168.1.5') +
          flow('192.168.1.5', '198.51.100.9', '192.168.1.5') +
          flow('172.16.0.1', '198.51.100.9', '172.16.0.1'),
      );
      assert.equal(
        found,
        '100.96.7.7 10.0.0.20\n192.168.1.5 198.51.100.9\n',
        'a site is hidden from the internet, not from servers',
      );
    });

    const lane = async (script: string, input = ''): Promise<string> =>
      await runFunctions(userland, `STATE=$(mktemp -d); RUN=$STATE; cat >"$STATE/profile"; ${script}; rm -rf "$STATE"`, input);

    it('know the lane that openvpn says it is connected to, and the one that the profile names first', async () => {
      const profile = 'client\nproto udp\nremote 203.0.113.1 1211\nremote gw.causeway.test 1194 tcp\n';
      assert.equal(await lane('first_remote', profile), '203.0.113.1 1211 udp\n');
      assert.equal(await lane('first_remote', 'remote gw.causeway.test 443 tcp-client\n'), 'gw.causeway.test 443 tcp\n');
      const log =
        '2026-01-01 00:00:00 UDPv4 link remote: [AF_INET]203.0.113.1:1209\n2026-01-01 00:00:01 UDPv4 link remote: [AF_INET]203.0.113.1:1211\nInitialization Sequence Completed\n';
      const is = (remote: string) => `lane_note d; if lane_is d ${remote}; then echo same; else echo other; fi`;
      const noted = (remote: string) => `cp "$STATE/profile" "$STATE/d.log"; ${is(remote)}`;
      assert.equal(await lane(noted('203.0.113.1 1211 udp'), log), 'same\n');
      assert.equal(await lane(noted('203.0.113.1 1209 udp'), log), 'other\n');
      assert.equal(await lane(noted('203.0.113.1 1211 tcp'), log), 'other\n');
      assert.equal(await lane(noted('203.0.113.2 1211 udp'), log), 'other\n');
      assert.equal(await lane(is('203.0.113.1 1211 udp')), 'same\n', 'where nothing is known');
    });

    it('leave only the hand-over lane in its configuration', async () => {
      const printed = await lane(
        'tunnel_user() { echo root; }; handover_configuration causeway1 "gw.causeway.test 1209 udp"',
        'client\nremote-random\n<connection>\nremote a.test 1 udp\n</connection>\nremote 203.0.113.1 1211 udp\nremote 203.0.113.1 1194 tcp\n<ca>\nAA\n</ca>\n',
      );
      assert.deepEqual(printed.match(/^.*remote.*$/gm), ['remote gw.causeway.test 1209 udp']);
      assert.match(printed, /^<ca>\nAA\n<\/ca>$/m);
      assert.match(printed, /^dev causeway1$/m);
    });

    const vet = async (profile: string): Promise<{ vetted: string; refused: string }> => {
      const printed = await runFunctions(
        userland,
        'cat >"$0.profile.$$"; vet_profile "$0.profile.$$" 2>"$0.refused.$$" || echo "REFUSED $(cat "$0.refused.$$")"; rm "$0.profile.$$" "$0.refused.$$"',
        profile,
      );
      return { vetted: printed, refused: /REFUSED (.*)/.exec(printed)?.[1] ?? '' };
    };

    const pem = (label: string) => `-----BEGIN ${label}-----\nMIIB+/=\n-----END ${label}-----`;
    const profile = renderProfile({
      label: 'HQ "Network"',
      remotes: [
        { host: 'gw.causeway.test', port: 1210, protocol: 'udp' },
        { host: '203.0.113.1', port: 1194, protocol: 'tcp' },
      ],
      ca: pem('CERTIFICATE'),
      certificate: pem('CERTIFICATE'),
      tlsCryptV2: pem('OpenVPN tls-crypt-v2 client key'),
    });

    it('take over the profile that core renders, without certificate and device', async () => {
      const { vetted, refused } = await vet(profile);
      assert.equal(refused, '');
      assert.match(vetted, /^remote gw\.causeway\.test 1210 udp$/m);
      assert.match(
        vetted,
        /^<tls-crypt-v2>\n-----BEGIN OpenVPN tls-crypt-v2 client key-----\nMIIB\+\/=\n-----END OpenVPN tls-crypt-v2 client key-----\n<\/tls-crypt-v2>$/m,
      );
      assert.match(vetted, /^verify-x509-name causeway-gateway name$/m);
      assert.doesNotMatch(vetted, /<cert>|^dev|^setenv|^persist|^verb/m);
    });

    it('refuse whatever could run or write something', async () => {
      const dangerous = [
        'up /bin/sh',
        'down "/bin/sh -c id"',
        'plugin /tmp/x.so',
        'script-security 2',
        'log /etc/passwd',
        'log-append /etc/passwd',
        'iproute /tmp/ip',
        'config /etc/shadow',
        'route-up id',
        'ipchange id',
        'tls-verify id',
        'management 0.0.0.0 7505',
        'writepid /etc/x',
        'status /etc/x',
        'setenv opt up id',
        'cd /tmp',
        'chroot /tmp',
        'dns-updown id',
        'something-of-2030 x',
        '  up id',
        '\tup id',
        'remote-cert-tls server\rup id',
        'remote `id` 1194',
        'cipher AES-256-GCM$(id)',
        'remote-random up',
        '<connection>\nup id\n</connection>',
        '<up>\nid\n</up>',
        '<ca>\n$(id)\n</ca>',
        '<ca>\nMIIB',
      ];
      for (const line of dangerous) assert.notEqual((await vet(`${profile}${line}\n`)).refused, '', line);
    });
  });
}
