import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPeerInfo } from './environment.ts';

const said = (entries: Record<string, string>) => readPeerInfo(new Map(Object.entries(entries)));

describe('what a client says about itself', () => {
  for (const [protocol, takesUpdates] of [
    // As 2.7.6 and openvpn3 send it, and as 2.6.14 does.
    ['8094', true],
    ['990', false],
    ['4096', true],
    ['', false],
    ['8094; rm -rf', false],
    ['99999999999999999999', false],
    ['-1', false],
  ] as const)
    it(`IV_PROTO ${JSON.stringify(protocol)}: ${takesUpdates ? 'takes' : 'does not take'} updates`, () => {
      assert.equal(said({ IV_PROTO: protocol }).pushUpdate, takesUpdates ? true : undefined);
    });

  it('is cut and stripped to what a report may carry', () => {
    assert.deepEqual(said({ IV_VER: `2.6\n${'x'.repeat(100)}`, UV_CAUSEWAY_AGENT: '1', IV_HWADDR: '52:54:00:12:34:56' }), {
      version: `2.6?${'x'.repeat(56)}`,
      agent: true,
      machine: '52:54:00:12:34:56',
    });
  });
});
