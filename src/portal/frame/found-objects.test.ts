import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from '../../contract/api/host.ts';
import type { Network } from '../../contract/api/network.ts';
import type { User } from '../../contract/api/user.ts';
import type { Searched } from './found-objects.ts';
import { findObjects } from './found-objects.ts';

function network(name: string, subnets: readonly string[], connectors: readonly string[]): Network {
  return {
    id: name,
    name,
    description: '',
    egress: false,
    internetAccess: 'SPLIT_TUNNEL_ON',
    routes: subnets.map((subnet) => ({ id: subnet, type: 'IP_V4', subnet, description: '' })),
    connectors: connectors.map((connector, index) => ({
      id: connector,
      networkItemId: name,
      name: connector,
      description: '',
      vpnRegionId: 'eu-central-1',
      ipV4Address: `100.96.0.${String(100 + index)}`,
      connectionStatus: 'OFFLINE',
      licensed: true,
      networkItemType: 'NETWORK',
      tunnelingProtocol: 'OPENVPN',
    })),
    systemSubnets: [],
    tunnelingProtocol: 'OPENVPN',
    gatewaysIds: [],
  };
}

const searched: Searched = {
  networks: [network('HQ Network', ['10.0.0.0/18'], ['hq-1', 'hq-2']), network('Branch', ['10.0.64.0/24'], ['branch-1'])],
  hosts: [],
  users: [],
};
const names = (text: string) => findObjects(searched, text).map(({ name }) => name);

test('a whole address finds the network that it lies in, and nothing that only looks like it', () => {
  assert.deepEqual(names('10.0.63.255'), ['HQ Network']);
  assert.deepEqual(names(' 10.0.64.7 '), ['Branch']);
  assert.deepEqual(names('10.1.0.1'), []);
});

test('a part of a name or address finds what has it, what begins with it first', () => {
  assert.deepEqual(names('hq'), ['HQ Network', 'hq-1', 'hq-2']);
  assert.deepEqual(names('100.96.0.101'), ['hq-2']);
  assert.deepEqual(names('-1'), ['hq-1', 'branch-1']);
  assert.deepEqual(names(''), []);
});

test('people, devices and hosts lead to their lists', () => {
  const device: User['devices'][number] = {
    id: 'd1',
    userId: 'u1',
    clientUUID: '',
    name: 'laptop',
    description: '',
    ipV4Address: '100.96.16.1',
    connectionStatus: 'OFFLINE',
  };
  const user: User = {
    id: 'u1',
    firstName: '',
    lastName: '',
    username: 'bob',
    email: '',
    groupId: 'g1',
    secondaryGroupIds: [],
    status: 'ACTIVE',
    authType: 'INTERNAL',
    role: 'MEMBER',
    devices: [device],
    connectionStatus: 'OFFLINE',
    licensed: true,
  };
  const host: Host = {
    id: 'h1',
    name: 'db',
    description: '',
    internetAccess: 'SPLIT_TUNNEL_ON',
    systemSubnets: [],
    connectors: [],
    gatewaysIds: [],
  };
  const all: Searched = { networks: [], hosts: [host], users: [user] };
  const shownBy = (text: string) => findObjects(all, text).map((found) => found.shownBy);
  assert.deepEqual(shownBy('bob'), [{ page: 'users', id: 'u1' }]);
  assert.deepEqual(shownBy('100.96.16.1'), [{ page: 'devices', id: 'd1' }]);
  assert.deepEqual(shownBy('db'), [{ page: 'hosts', id: 'h1' }]);
});

test('a connector leads to the page of its network', () => {
  const [found] = findObjects(searched, 'branch-1');
  assert.deepEqual(found, {
    key: 'branch-1',
    kind: 'connector',
    name: 'branch-1',
    address: '100.96.0.100',
    of: 'Branch',
    shownBy: { page: 'networks', id: 'Branch' },
  });
});

test('a long list is cut', () => {
  const many = Array.from({ length: 500 }, (_, index) => network(`n${String(index)}`, [], []));
  assert.equal(findObjects({ networks: many, hosts: [], users: [] }, 'n').length, 12);
});
