import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowEnds, somewhere } from './flow-ends.ts';

type Objects = Parameters<typeof flowEnds>[1];
const network = (name: string, egress = false) =>
  ({ name, egress, routes: [{}], connectors: [{}] }) as unknown as Objects['networks'][number];
const user = (username: string, groupId: string, devices = 1) =>
  ({ username, groupId, devices: Array.from({ length: devices }, () => ({})) }) as unknown as Objects['users'][number];
const group = (id: string, internetAccess: string) => ({ id, internetAccess }) as unknown as Objects['groups'][number];

test('of an empty WPC each flow says what is missing', () => {
  const nothing = { networks: [], users: [user('ada', 'g', 0)], groups: [group('g', 'SPLIT_TUNNEL_ON')] };
  assert.deepEqual(flowEnds('remote-access', nothing), { kind: 'missing', needs: ['person', 'network'] });
  assert.deepEqual(flowEnds('internet', nothing), { kind: 'missing', needs: ['internetPerson', 'gateway'] });
  assert.deepEqual(flowEnds('sites', { ...nothing, networks: [network('HQ')] }), { kind: 'missing', needs: ['secondNetwork'] });
});

test('who can be at the ends is offered, in two different sites first', () => {
  const objects = {
    networks: [network('HQ', true), network('Branch')],
    users: [user('ada', 'g'), user('bob', 'h')],
    groups: [group('g', 'SPLIT_TUNNEL_ON'), group('h', 'SPLIT_TUNNEL_OFF')],
  };
  const sites = ['network:HQ', 'network:Branch'];
  assert.deepEqual(flowEnds('remote-access', objects), { kind: 'possible', sources: ['ada', 'bob'], destinations: sites });
  assert.deepEqual(flowEnds('internet', objects), { kind: 'possible', sources: ['bob'], destinations: [somewhere] });
  assert.deepEqual(flowEnds('sites', objects), { kind: 'possible', sources: sites, destinations: sites.toReversed() });
});
