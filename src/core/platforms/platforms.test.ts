import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyAddress4, anyPrefix4 } from '../ip/test-arbitraries.ts';
import { formatPrefix } from '../ip/prefix.ts';
import { platformIds, platformOf } from './catalogue.ts';
import { classlessRoutes } from './hosts/dhcp.ts';
import type { RouterCommands } from './router-commands.ts';
import { checkParameters, routerCommands } from './router-commands.ts';
import { commentText, wildcardOf } from './safe-text.ts';
import { addressOf, checked, exampleRequest, exampleValues, prefix4 } from './test-example.ts';

/** What breaks shells, routers, Terraform, JSON, YAML and terminals. */
const hostile: readonly string[] = [
  '"; reboot',
  "'; reboot #",
  'x\nreboot',
  'x\rreboot',
  '$(reboot)',
  '`reboot`',
  '${file("/etc/passwd")}',
  '%{ for x in y }',
  'x | reboot',
  'x && reboot',
  'x > /etc/passwd',
  '../../etc/passwd',
  '-rf',
  '--help',
  '\\',
  '!shutdown',
  '*/',
  'x;reload in 1',
  '\u001b[2J',
  '\u2028reboot',
  'a\u202eb',
  '',
  ' ',
  '<script>',
  'x'.repeat(5_000),
  'é',
];

const every = (commands: RouterCommands): string =>
  [commands.add, commands.remove, commands.verify, commands.terraform ?? '', commands.permissions ?? ''].join('');

describe('a hostile name of a network', () => {
  for (const id of platformIds) {
    it(`changes nothing but a comment of ${id}`, () => {
      for (const name of [...hostile, ...hostile.map((text) => `HQ ${text} Network`)]) {
        const text = every(routerCommands(checked(id), { ...exampleRequest, network: name }));
        const marker = every(routerCommands(checked(id), { ...exampleRequest, network: 'MARKER' }));
        // The reduced name stands where the marker stands, and the rest is the same to the last byte.
        assert.equal(text, marker.replaceAll('MARKER', commentText(name)));
        assert.match(text, /^[\x20-\x7e\n]*$/);
      }
    });
  }

  it('is reduced to what no language gives a meaning', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })), (name) => {
        const label = commentText(name);
        assert.match(label, /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,38}[A-Za-z0-9])?$/);
        assert.equal(commentText(label), label);
      }),
    );
    assert.equal(commentText('HQ Network'), 'HQ Network');
    assert.equal(commentText('"; reboot'), 'reboot');
    assert.equal(commentText('…'), 'without a name');
  });
});

describe('a hostile parameter', () => {
  for (const id of platformIds) {
    for (const parameter of platformOf(id).parameters) {
      it(`is refused as ${parameter.name} of ${id}, with what is allowed`, () => {
        const values = exampleValues(id);
        // Nothing of these is in any pattern, whatever stands before or behind it.
        for (const text of [
          ...hostile.filter((each) => each.length < 100),
          ...hostile.map((each) => `${parameter.example}${each === '' ? '"' : each}`),
        ]) {
          const parsed = checkParameters(id, { ...values, [parameter.name]: text });
          if (parsed.ok) assert.match(text, /^[A-Za-z0-9][A-Za-z0-9 ._/:-]*$/, `${JSON.stringify(text)} was taken`);
          else
            assert.ok(parsed.reason.includes(`${parameter.name}: `) && parsed.reason.includes(parameter.allowed), parsed.reason);
        }
      });
    }
  }

  it('is refused by name where the platform has none such', () => {
    const parsed = checkParameters('netplan', { '"; reboot': 'x' });
    assert.deepEqual(parsed, { ok: false, reason: '"\\"; reboot" is no parameter of netplan; allowed: interface' });
    assert.match(String(Object.values(checkParameters('linux', { __proto__x: 'x' })).at(-1)), /allowed: none/);
  });

  it('is refused when a list is too long', () => {
    const list = Array.from({ length: 51 }, () => 'rtb-0a1b2c3d').join(',');
    assert.equal(checkParameters('aws', { routeTables: list }).ok, false);
  });
});

describe('every platform', () => {
  it('knows all rows of the reference, with examples that match', () => {
    assert.ok(platformIds.length >= 38);
    for (const id of platformIds) {
      assert.match(id, /^[a-z0-9-]+$/);
      const { parameters, sharedSpace, otherwise } = platformOf(id);
      for (const { example, pattern, many } of parameters)
        for (const each of many ? example.split(',') : [example]) assert.match(each, pattern);
      if (sharedSpace !== 'yes') assert.ok(otherwise !== undefined, `${id} says what to do instead`);
    }
  });

  for (const id of platformIds) {
    it(`${id} names each destination that it does not leave out, to add and to take back`, () => {
      const { add, remove, leftOut } = routerCommands(checked(id), exampleRequest);
      if (platformOf(id).kind === 'hypervisor') return;
      for (const destination of exampleRequest.destinations) {
        const text = formatPrefix(destination);
        const network = text.split('/')[0] ?? '';
        const isLeftOut = leftOut.some((each) => each.destination === text);
        const named = new RegExp(`(?<![0-9.])${network.replaceAll('.', '[.]')}`);
        assert.equal(named.test(add), !isLeftOut, `${text} in add`);
        // Some take back by number or mark, or forget with the lease.
        if (!isLeftOut && !['fortigate', 'mikrotik', 'dhcp', 'netplan', 'systemd-networkd', 'macos'].includes(id))
          assert.ok(
            remove.includes(network) ||
              remove.includes(network.replaceAll('.', '-')) ||
              remove.includes(network.replaceAll('.', '_')),
            `${text} in remove`,
          );
      }
    });

    it(`${id} says which words have to be replaced while nothing is known`, () => {
      const unknown = { ...exampleRequest, via: null, router: null };
      const commands = routerCommands(checked(id, {}), unknown);
      const words = new Set(commands.add.match(/\b(?:CONNECTOR_LAN_ADDRESS|LAN_ROUTER)\b/g));
      for (const { name, optional } of platformOf(id).parameters)
        if (!optional) words.add(name.replace(/([A-Z])/g, '_$1').toUpperCase());
      assert.deepEqual(new Set(commands.missing), words);
      assert.match(every(commands), /^[\x20-\x7e\n]*$/);
    });

    it(`${id} marks what nobody here has tried`, () => {
      const { notes } = routerCommands(checked(id), exampleRequest);
      const { evidence } = platformOf(id);
      assert.equal(notes[0]?.evidence === evidence || evidence === 'tested', true);
      if (evidence === 'unverified') assert.match(notes[0]?.text ?? '', /not verified by us/);
    });
  }

  it('writes nothing without destinations', () => {
    for (const id of platformIds) {
      const { add, remove, terraform } = routerCommands(checked(id), { ...exampleRequest, destinations: [] });
      if (platformOf(id).kind !== 'hypervisor') assert.deepEqual([add, remove, terraform], ['', '', null], id);
    }
  });
});

describe('the WPC range and the default', () => {
  it('is left out where the platform refuses it, with what to do', () => {
    for (const id of ['hetzner', 'alibaba'] as const) {
      const { add, leftOut } = routerCommands(checked(id), exampleRequest);
      assert.ok(!add.includes('100.96'));
      assert.match(leftOut[0]?.reason ?? '', /; use NAT/);
    }
    assert.deepEqual(
      routerCommands(checked('hetzner'), { ...exampleRequest, destinations: [prefix4('172.32.0.0/16')] }).leftOut.map(
        ({ destination }) => destination,
      ),
      ['172.32.0.0/16'],
    );
  });

  it('never puts a default on a router that the connector itself uses', () => {
    for (const id of platformIds) {
      const { add, leftOut } = routerCommands(checked(id), exampleRequest);
      if (platformOf(id).kind === 'hypervisor') continue;
      const writes = platformOf(id).takesDefault;
      assert.equal(
        leftOut.some(({ destination }) => destination === '0.0.0.0/0'),
        !writes,
        id,
      );
      if (!writes) assert.doesNotMatch(add, /0\.0\.0\.0(?:\/0| mask 0| 0\.0\.0\.0)/, id);
    }
  });
});

describe('values that programs read', () => {
  it('DHCP option 121 is the reference for 100.96.0.0/11 via 10.0.0.10', () => {
    const bytes = classlessRoutes([{ destination: prefix4('100.96.0.0/11'), router: [10, 0, 0, 10] }]);
    assert.deepEqual(bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' '), '0b 64 60 0a 00 00 0a');
  });

  /** RFC 3442, read by somebody else than who wrote it. */
  function decode(hex: string): string[] {
    const bytes = hex.split(':').map((each) => Number.parseInt(each, 16));
    const routes: string[] = [];
    while (bytes.length > 0) {
      const length = bytes.shift() ?? 0;
      const significant = bytes.splice(0, Math.floor((length + 7) / 8));
      const address = [0, 1, 2, 3].map((index) => significant[index] ?? 0).join('.');
      routes.push(`${address}/${String(length)} via ${bytes.splice(0, 4).join('.')}`);
    }
    return routes;
  }

  it('DHCP option 121 reads back to the routes, with the default by the router unless it goes to the connector', () => {
    fc.assert(
      fc.property(fc.array(anyPrefix4, { minLength: 1, maxLength: 20 }), anyAddress4, (destinations, via) => {
        const request = { ...exampleRequest, destinations, via };
        const { add } = routerCommands(checked('dhcp'), request);
        const hex = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/m.exec(add)?.[0] ?? '';
        const next = [24, 16, 8, 0].map((shift) => String((via.value >>> shift) & 255)).join('.');
        const own = destinations.some(({ length }) => length === 0) ? [] : ['0.0.0.0/0 via 10.0.0.1'];
        assert.deepEqual(decode(hex), [...destinations.map((each) => `${formatPrefix(each)} via ${next}`), ...own]);
      }),
    );
  });

  it('JSON of route rules, bodies, roles and policies is JSON', () => {
    const oci = routerCommands(checked('oci'), exampleRequest);
    const rules: unknown = JSON.parse(/--argjson new '([^']+)'/.exec(oci.add)?.[1] ?? '');
    assert.deepEqual(
      rules,
      exampleRequest.destinations.map((each) => ({
        destination: formatPrefix(each),
        destinationType: 'CIDR_BLOCK',
        networkEntityId: exampleValues('oci')['privateIp'],
        description: 'causeway',
      })),
    );
    for (const id of ['aws', 'azure'] as const) JSON.parse(routerCommands(checked(id), exampleRequest).permissions ?? '');
    const droplet = routerCommands(checked('digitalocean'), exampleRequest);
    for (const [, body = ''] of droplet.add.matchAll(/--data '([^']+)'/g)) JSON.parse(body);
  });

  it('an update that asks before it writes is the last line, so that nothing pasted is taken for the answer', () => {
    const { add, remove } = routerCommands(checked('oci'), exampleRequest);
    for (const text of [add, remove]) assert.match(text, /\noci network route-table update [^\n]+\n$/);
  });

  it('permissions cover the rules for groups that were named', () => {
    const { add, permissions } = routerCommands(checked('aws'), exampleRequest);
    const groups = [...add.matchAll(/--group-id (sg-[0-9a-f]+)/g)].map(([, group]) => group ?? '');
    assert.notEqual(groups.length, 0);
    for (const group of groups) assert.ok(permissions?.includes(`security-group/${group}`));
    assert.match(permissions ?? '', /ec2:AuthorizeSecurityGroupIngress/);
  });

  it('a wildcard mask is the inverse of the mask', () => {
    assert.equal(wildcardOf(prefix4('100.96.0.0/11')), '0.31.255.255');
    assert.equal(wildcardOf(prefix4('10.0.0.1/32')), '0.0.0.0');
    assert.equal(wildcardOf(prefix4('0.0.0.0/0')), '255.255.255.255');
  });
});

/** A strict reader of the part of HCL that is written: throws where a brace, a quote or an attribute is not as it should be. */
function readHcl(source: string): number {
  let rest = source;
  let blocks = 0;
  const eat = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest);
    if (found === null || found.index !== 0) return undefined;
    rest = rest.slice(found[0].length);
    return found[0];
  };
  const space = () => void eat(/^(?:\s|#[^\n]*\n)+/);
  const value = (): void => {
    space();
    if (eat(/^"[^"\\$%\n]*"/) !== undefined || eat(/^(?:each\.(?:key|value)|[0-9]+)\b/) !== undefined) return;
    if (eat(/^toset\(/) !== undefined) {
      value();
      assert.ok(eat(/^\s*\)/) !== undefined, rest.slice(0, 60));
    } else if (eat(/^\[/) !== undefined) {
      while (eat(/^\s*\]/) === undefined) {
        value();
        eat(/^\s*,/);
      }
    } else if (eat(/^\{/) !== undefined) {
      while (eat(/^\s*\}/) === undefined) {
        value();
        assert.ok(eat(/^ += /) !== undefined, rest.slice(0, 60));
        value();
      }
    } else assert.fail(`no value: ${rest.slice(0, 60)}`);
  };
  const body = (): void => {
    for (space(); eat(/^\}/) === undefined; space()) {
      assert.ok(eat(/^[a-z][a-z0-9_]*/) !== undefined, rest.slice(0, 60));
      if (eat(/^ +\{\n/) !== undefined) body();
      else {
        assert.ok(eat(/^ += /) !== undefined, rest.slice(0, 60));
        value();
        assert.ok(eat(/^\n/) !== undefined, rest.slice(0, 60));
      }
    }
  };
  for (space(); rest !== ''; space()) {
    assert.ok(eat(/^(?:resource(?: "[a-z0-9_]+"){2}|route_rules) \{\n/) !== undefined, rest.slice(0, 60));
    body();
    blocks += 1;
  }
  return blocks;
}

describe('Terraform', () => {
  for (const [id, blocks] of [
    ['aws', 3],
    ['azure', 2],
    ['gcp', 2],
    ['oci', 7],
  ] as const) {
    it(`of ${id} has the shape of HCL, with and without optional parts`, () => {
      assert.equal(readHcl(routerCommands(checked(id), exampleRequest).terraform ?? ''), blocks);
      const bare = routerCommands(checked(id, {}), { ...exampleRequest, via: null, sources: [] });
      assert.ok(readHcl(bare.terraform ?? '') >= 1);
    });
  }

  it('is refused by the reader of this test where a quote is missing', () => {
    assert.throws(() => readHcl('resource "a" "b" {\n  c = "d\n}\n'));
  });
});

describe('each text', () => {
  it('has the connector as next hop wherever it has one', () => {
    const via = addressOf('10.9.8.7');
    for (const id of platformIds) {
      const { add } = routerCommands(checked(id), { ...exampleRequest, via });
      assert.ok(!add.includes('10.0.0.10'), id);
    }
  });
});
