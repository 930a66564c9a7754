import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AddressText } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import type { LanStatement } from '../statement.ts';
import { cloudDelivers } from './deliver.ts';
import type { Known } from './least-cloud.ts';
import { leastCloud } from './least-cloud.ts';
import { client, connector, crossing, ends, packet, server, wpc } from './test-clouds.ts';

const section = [
  'dmi.sys_vendor=Amazon EC2',
  'aws.instance-id=i-0123456789abcdef0',
  'aws.0a:11/interface-id=eni-0aaaaaaaaaaaaaaaa',
  'aws.0a:11/local-ipv4s=10.0.0.10 10.0.0.11 ',
  'aws.0a:11/vpc-id=vpc-0aaaaaaaaaaaaaaaa',
].join('\n');

function known(rest: Partial<Known> = {}): Known {
  return {
    platform: 'aws',
    parameters: {},
    section,
    connector: connector as AddressText,
    prefixes: ['10.0.0.0/16' as PrefixText],
    statement: { router: null, servers: [] },
    at: '2026-11-27T08:00:00.000Z',
    ...rest,
  };
}

function stating(...routes: readonly [string, string][]): LanStatement {
  const list = routes.map(([destination, nextHop]) => ({
    destination: destination as PrefixText,
    nextHop: nextHop as AddressText,
  }));
  return { router: { platform: 'aws', routes: list, stateful: null, redirects: null, natSources: null }, servers: [] };
}

const backTo = (rest: Partial<Known>) => {
  const state = leastCloud(known(rest));
  assert.ok(state);
  return ends(cloudDelivers(state, crossing(server, packet(server, client))));
};

describe('leastCloud', () => {
  it('knows the card of the connector by what its machine says', () => {
    const state = leastCloud(known());
    assert.ok(state);
    assert.deepEqual(
      [state.id, state.reading.from, state.cards[0]?.id, state.cards[0]?.aliases, state.cards[0]?.addresses],
      ['vpc-0aaaaaaaaaaaaaaaa', 'metadata', 'eni-0aaaaaaaaaaaaaaaa', ['i-0123456789abcdef0'], ['10.0.0.10', '10.0.0.11']],
    );
  });
  it('is nothing where the LAN has a router', () => {
    assert.equal(leastCloud(known({ platform: 'pfsense' })), undefined);
  });
  it('leaves open what nobody said', () => {
    assert.equal(backTo({}), 'undetermined at router: cloud-route');
  });
  it('follows routes that the operator stated, up to the check of the card', () => {
    assert.equal(backTo({ statement: stating([wpc, connector]) }), 'undetermined at receiver: nic-ingress');
    assert.equal(backTo({ statement: stating() }), 'dropped at router: cloud-route VPC-NO-ROUTE');
    assert.equal(
      backTo({ statement: stating(), platform: 'hetzner', section: null }),
      'dropped at router: cloud-route RANGE-UNROUTABLE',
    );
  });
  it('takes no name with control characters from a machine', () => {
    const state = leastCloud(known({ section: section.replace('i-0123456789abcdef0', 'i-\u001b[2J') }));
    assert.deepEqual(state?.cards[0]?.aliases, []);
  });
});
