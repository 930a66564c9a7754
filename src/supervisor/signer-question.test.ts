import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { askSigner } from './signer-question.ts';

/** What a signer may do when it is asked, and how that ends; undefined: it counts as an answer. */
const signers: readonly (readonly [string, (socket: Socket) => void, RegExp | undefined])[] = [
  ['answers', (socket) => void socket.once('data', () => socket.write('{"id":1,"kind":"authority"}\n')), undefined],
  ['refuses', (socket) => void socket.once('data', () => socket.end('{"id":1,"kind":"error"}\n')), undefined],
  ['hangs up', (socket) => void socket.once('data', () => socket.end()), /hung up/],
  ['says nothing', () => undefined, /no answer/],
];

describe('the signer is asked', () => {
  for (const [what, act, refusal] of signers) {
    test(`and ${what}`, async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'cw-'));
      const socket = path.join(directory, 's');
      const held: Socket[] = [];
      const server = createServer((connection) => {
        held.push(connection.on('error', () => undefined));
        act(connection);
      });
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      try {
        const asked = askSigner(socket, 100);
        await (refusal === undefined ? asked : assert.rejects(asked, refusal));
      } finally {
        for (const connection of held) connection.destroy();
        server.close();
        await rm(directory, { recursive: true });
      }
    });
  }

  test('where nobody listens', async () => {
    await assert.rejects(askSigner('/nonexistent/signer.sock'), /ENOENT/);
  });
});
