import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

  it('names a connector its own lane and TCP, or TCP alone', () => {
    assert.deepEqual(shown(connectorRemotes(gateway, 0)), ['1210/udp', '1194/tcp']);
    assert.deepEqual(shown(connectorRemotes(gateway, null)), ['1194/tcp']);
  });
});
