import assert from 'node:assert/strict';
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
        'while read -r a b; do if prefix_inside "$a" "$b"; then echo yes; else echo no; fi; done',
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
        'while read -r p; do if prefix_bounds "$p"; then echo "taken $p"; fi; done',
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
      const text = formatDesiredState({ ...state, revision: 7, profileHash: 'ab' });
      assert.equal(await read(text), `ok 7 ${state.routes.join(' ')}\n`);
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
      };
      for (const [word, value] of Object.entries(cases))
        assert.match(await read(desired(3, { [word]: value })), /^no bad value after/, `${word} ${value}`);
      assert.equal(await read(desired(3, { later: 'word of a newer controller' })), 'ok 3 192.168.0.0/22\n');
      assert.equal(
        await read(desired(3, { route: ['192.168.0.0/22', 'fd00::/64'] })),
        'ok 3 192.168.0.0/22\n',
        'IPv6 is left out',
      );
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
