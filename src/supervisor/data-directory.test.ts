import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { maximumDataDirectoryBytes } from '../contract/cli/up-options.ts';
import { laneSocket } from '../core/lane-openvpn.ts';
import { dataDirectoryAt } from './data-directory.ts';

/** sockaddr_un holds 108 bytes, one of them the NUL at the end. */
const longestSocketPath = 107;

describe('the longest data directory that is allowed', () => {
  const directory = dataDirectoryAt(`/${'d'.repeat(maximumDataDirectoryBytes - 1)}`);
  const sockets = {
    api: `${directory.apiSocket}.new`,
    gateway: `${directory.gatewaySocket}.new`,
    signer: path.join(directory.signer, 'sock', 'signer.sock'),
    database: path.join(directory.postgres.socket, '.s.PGSQL.5432'),
    lane: laneSocket(directory.gateway, 'c999'),
  };
  for (const [name, socket] of Object.entries(sockets)) {
    it(`leaves room for the socket of the ${name}`, () =>
      assert.ok(socket.length <= longestSocketPath, `${socket} has ${String(socket.length)} bytes`));
  }
});
