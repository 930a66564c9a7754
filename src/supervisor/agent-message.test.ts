import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderLaneConfig } from '../core/lane-openvpn.ts';
import { agentMessage } from './agent-message.ts';

const good = {
  kind: 'lane-start',
  lane: 'u0',
  device: 'cw0-u0',
  protocol: 'udp',
  port: 1194,
  address: '100.96.0.1',
  range: '100.96.0.0/11',
  timings: { pingSeconds: 5, restartSeconds: 20, renegotiationSeconds: 21_600 },
};

describe('agentMessage', () => {
  it('takes what an agent has to say', () => {
    for (const message of [
      good,
      { kind: 'lane-stop', lane: 'c255' },
      { kind: 'lane-list' },
      { kind: 'device-settings', device: 'cw0-t0' },
    ]) {
      assert.equal(agentMessage.safeParse(message).success, true, JSON.stringify(message));
    }
  });

  const bad: [string, object][] = [
    ['a further field', { ...good, script: '/tmp/x' }],
    ['a lane with a path in it', { ...good, lane: 'u0/../x' }],
    ['a lane with a leading zero', { ...good, lane: 'u00' }],
    ['a lane of four digits', { ...good, lane: 'u1000' }],
    ['a newline in the address', { ...good, address: '100.96.0.1\nup /tmp/x' }],
    ['an address in another spelling', { ...good, address: '100.96.000.1' }],
    ['a range with host bits', { ...good, range: '100.96.0.1/11' }],
    ['a port of text', { ...good, port: '1194' }],
    ['timings as text', { ...good, timings: { ...good.timings, pingSeconds: '5\nup x' } }],
    ['a directory of its own', { ...good, directory: '/tmp' }],
    ['an unknown kind', { kind: 'exec', command: 'id' }],
    ['no object', []],
  ];
  for (const [name, message] of bad) {
    it(`refuses ${name}`, () => assert.equal(agentMessage.safeParse(message).success, false));
  }

  it('lets no message through that adds a line or an option to the configuration', () => {
    const lines = renderLaneConfig(configured(good)).split('\n').length;
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('u0', '100.96.0.1', '100.96.0.0/11', 'cw0-u0'),
    );
    const anything = fc.record({
      kind: fc.constant('lane-start'),
      lane: fc.oneof(text, fc.constant('c7')),
      device: fc.constantFrom('cw0-u0', 'cw0-c7', 'cw0-u0\nup x', 'tun0'),
      protocol: fc.constantFrom('udp', 'tcp', 'udp\nup x'),
      port: fc.oneof(fc.integer(), text),
      address: text,
      range: text,
      timings: fc.constant(good.timings),
    });
    fc.assert(
      fc.property(anything, (message) => {
        if (!agentMessage.safeParse(message).success) return;
        try {
          assert.equal(renderLaneConfig(configured(message)).split('\n').length - (message.protocol === 'udp' ? 0 : -1), lines);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
    );
  });
});

function configured(message: object): Parameters<typeof renderLaneConfig>[0] {
  const parsed = agentMessage.parse(message);
  if (parsed.kind !== 'lane-start') throw new Error('not a lane-start');
  return { ...parsed, directory: '/data/gateway', managementUser: 'causeway-gateway' };
}
