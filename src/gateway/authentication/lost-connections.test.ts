import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reconnectMs } from '../../core/connect-authentication.ts';
import type { Endpoint } from '../../core/gateway-configuration.ts';
import { endpointNamed, exampleConfiguration, exampleSession } from '../testing/example.ts';
import type { End } from './lost-connections.ts';
import { LostConnections } from './lost-connections.ts';

const configuration = exampleConfiguration(1, 2);
const bob = endpointNamed(configuration, 'device', 0);
const silentMs = 13_000;
const heardAt = 1_000_000;
const givenUpAt = heardAt + 20_000;
const here = { clientAddress: '192.0.2.1', peer: {} };
const elsewhere = { clientAddress: '192.0.2.9', peer: {} };

/** What is remembered of a session that ended at `now`. */
function ended({
  reason = 'disconnected',
  protocol = 'udp',
  authenticated = true,
  now = givenUpAt,
}: Partial<End> & { readonly authenticated?: boolean; readonly now?: number } = {}): LostConnections {
  const lost = new LostConnections();
  lost.ended(exampleSession(configuration, bob, { heardAt, authenticated }), { reason, protocol, silentMs }, now);
  return lost;
}

describe('who goes on with a connection that was lost', () => {
  it('a device that fell silent, from the same address, for two minutes', () => {
    const lost = ended();
    assert.equal(lost.continues(bob, here, heardAt + reconnectMs - 1), true);
    assert.equal(lost.continues(bob, here, heardAt + reconnectMs), false);
    assert.equal(lost.continues(bob, elsewhere, givenUpAt), false);
    assert.equal(lost.continues(endpointNamed(configuration, 'device', 1), here, givenUpAt), false);
  });

  for (const [name, end, continues] of [
    ['one that was switched off: it said so while it was heard of', { now: heardAt + silentMs - 1 }, false],
    ['one that fell silent', { now: heardAt + silentMs }, true],
    ['over TCP both look alike', { protocol: 'tcp', now: heardAt + 1 }, true],
    ['one whose lane ended', { reason: 'lane-ended', now: heardAt }, true],
    ['one that was told to connect again', { reason: 'routes-changed', now: heardAt }, true],
    ['one that was suspended', { reason: 'suspended' }, false],
    ['one that was revoked', { reason: 'revoked' }, false],
    ['one that was let in without proof', { authenticated: false }, false],
  ] as const)
    it(name, () => assert.equal(ended(end).continues(bob, here, givenUpAt), continues));

  it('the end of an older tunnel takes nothing away, a goodbye does', () => {
    const lost = ended();
    const session = exampleSession(configuration, bob, { heardAt: givenUpAt, authenticated: true });
    lost.ended(session, { reason: 'superseded', protocol: 'udp', silentMs }, givenUpAt);
    assert.equal(lost.continues(bob, here, givenUpAt), true);
    lost.ended(session, { reason: 'disconnected', protocol: 'udp', silentMs }, givenUpAt);
    assert.equal(lost.continues(bob, here, givenUpAt), false);
  });

  it('nobody who was suspended meanwhile', () => {
    const lost = ended();
    lost.configured(configuration, givenUpAt);
    assert.equal(lost.continues(bob, here, givenUpAt), true);
    const device = configuration.endpoints[bob];
    assert.ok(device !== undefined);
    const suspended: Endpoint = { ...device, admission: 'suspended' };
    lost.configured({ ...configuration, endpoints: { ...configuration.endpoints, [bob]: suspended } }, givenUpAt);
    assert.equal(lost.continues(bob, here, givenUpAt), false);
  });
});
