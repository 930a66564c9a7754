import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handoverLane, lanePort } from './lanes.ts';
import { connectorRemotes, deviceRemotes } from './profile-remotes.ts';

const gateway = { host: 'vpn.example.com', vpnPort: 1194, userLanes: 3 };
const shown = (remotes: readonly { port: number; protocol: string }[]) =>
  remotes.map(({ port, protocol }) => `${port}/${protocol}`);

describe('remotes of a profile', () => {
  it('names a device its own lane first, then the others, then TCP', () => {
    assert.deepEqual(shown(deviceRemotes(gateway, 1)), ['1195/udp', '1194/udp', '1196/udp', '1194/tcp']);
    assert.deepEqual(shown(deviceRemotes({ ...gateway, userLanes: 1 }, 0)), ['1194/udp', '1194/tcp']);
  });

  it('follows compile where the gateway has fewer lanes than the device was given', () => {
    assert.deepEqual(shown(deviceRemotes(gateway, 4)), ['1195/udp', '1194/udp', '1196/udp', '1194/tcp']);
  });

  it('names nobody the hand-over lane: an agent is told it when it is to hand over', () => {
    const port = lanePort(handoverLane, gateway.vpnPort);
    const full = { ...gateway, userLanes: 99 };
    for (const remotes of [
      ...[0, 1, 14, 15].map((lane) => deviceRemotes(full, lane)),
      connectorRemotes(full, 0),
      connectorRemotes(full, null),
    ])
      assert.ok(!remotes.some((remote) => remote.port === port));
  });

  it('names a connector its own lane and TCP, or TCP alone', () => {
    assert.deepEqual(shown(connectorRemotes(gateway, 0)), ['1210/udp', '1194/tcp']);
    assert.deepEqual(shown(connectorRemotes(gateway, null)), ['1194/tcp']);
  });
});
