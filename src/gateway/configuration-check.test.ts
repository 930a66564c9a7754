import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError, checkConfiguration } from './configuration-check.ts';
import { endpointNamed, exampleConfiguration } from './testing/example.ts';

const example = exampleConfiguration(3, 3);
const device = endpointNamed(example, 'device', 0);
const good = { ...example, egress: { e1: { destinations: ['0.0.0.0/0'], candidates: [] } } };

/** The example with one place changed, as it would come from JSON. */
function spoiled(path: readonly string[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(good)) as Record<string, unknown>;
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name === '*' ? (Object.keys(at)[0] ?? '') : name] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  at[last === '*' ? (Object.keys(at)[0] ?? '') : last] = value;
  return copy;
}

describe('checkConfiguration', () => {
  it('takes what compile makes', () => {
    assert.deepEqual(checkConfiguration(JSON.parse(JSON.stringify(good))), good);
  });

  for (const [path, value, message] of [
    [['revision'], 'x', /^revision is "x", and a whole number is expected/],
    [['gateway', 'address'], '100.96.0.1; reboot', /^gateway\.address is "100\.96\.0\.1; reboot"/],
    [['gateway', 'address'], '::1', /^gateway\.address/],
    [
      ['gateway', 'tunnelRanges'],
      ['100.96.0.1/11'],
      /^gateway\.tunnelRanges\[0\] is "100\.96\.0\.1\/11", and a prefix in canonical form/,
    ],
    [['lanes', 'u0', 'port'], 0, /^lanes\["u0"\]\.port is 0, and a port from 1 to 65535/],
    [['lanes', 'u0', 'protocol'], 'sctp', /^lanes\["u0"\]\.protocol/],
    [['lanes', 'u0 up /bin/sh'], {}, /^key of lanes/],
    [['endpoints', '*', 'address'], '100.96.0.300', /address is "100\.96\.0\.300", and an IPv4 address/],
    [['endpoints', '*', 'admission'], 'maybe', /admission is "maybe", and one of admitted, suspended/],
    [['endpoints', '*', 'lane'], '../../etc', /lane is/],
    [['certificates', 'AB'], 'device:x', /^key of certificates/],
    [['certificates', '*'], 'device:x', /^certificates/],
    [['prefixes', '10.0.0.1/8'], { network: 'x', endpoints: [] }, /^prefixes\["10\.0\.0\.1\/8"\] is "10\.0\.0\.1\/8"/],
    [['prefixes', '*'], null, /an object is expected/],
    [['prefixes', '*', 'network'], 'all', /\.network is "all"/],
    [['gateway', 'publicAddresses'], ['203.0.113.1; reboot'], /^gateway\.publicAddresses\[0\] is "203\.0\.113\.1; reboot"/],
    [['gateway', 'dnsServers'], 'all', /^gateway\.dnsServers is "all", and a list is expected/],
    [['endpoints', '*', 'internet'], { kind: 'everywhere' }, /internet\.kind is "everywhere", and one of local, tunnel/],
    [['endpoints', '*', 'internet'], { kind: 'tunnel', class: 'e0', bypass: [] }, /internet\.class is "e0"/],
    [
      ['endpoints', '*', 'internet'],
      { kind: 'tunnel', class: 'e1', bypass: ['10.0.0.0/8"\nscript-security 3'] },
      /internet\.bypass\[0\] is .*a prefix in canonical form/,
    ],
    [['endpoints', device, 'authentication'], undefined, /authentication is nothing, and an object is expected/],
    [
      ['endpoints', device, 'authentication'],
      { kind: 'sometimes' },
      /authentication\.kind is "sometimes", and one of none, prior/,
    ],
    [['endpoints', device, 'authentication'], { kind: 'prior', until: '2026' }, /authentication\.until is "2026"/],
    [['endpoints', device, 'machine'], undefined, /machine is nothing, and an object is expected/],
    [['endpoints', device, 'machine'], { kind: 'bound', machine: 5 }, /machine\.machine is 5, and text, or null/],
    [['endpoints', '*', 'probeTargets'], ['-f'], /probeTargets\[0\] is "-f"/],
    [['networks', '*', 'connectors'], ['*'], /connectors\[0\] is "\*"/],
    [['networks', '*', 'sharing'], 1, /sharing is 1, and true or false/],
    [['egress', 'e1'], { destinations: ['0.0.0.0'], candidates: [] }, /^egress\["e1"\]\.destinations\[0\] is "0\.0\.0\.0"/],
    [['egress', 'e1'], { destinations: [], candidates: ['x'] }, /^egress\["e1"\]\.candidates\[0\] is "x"/],
    [['egress', 'x'], {}, /^key of egress/],
  ] as const) {
    it(`refuses ${path.join('.')} = ${JSON.stringify(value)} and names it`, () => {
      assert.throws(
        () => checkConfiguration(spoiled(path, value)),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }

  for (const value of [null, 5, 'x', [], {}]) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.throws(() => checkConfiguration(value), ConfigurationError));
  }
});
