import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { nothingPushed } from '../../core/pushed-options.ts';
import { pushUpdate } from './command.ts';
import { updateChunks, updateLines } from './push-update.ts';

/** What openvpn 2.7 makes of the chunks: it collects until one ends in `push-continuation 1` or has no continuation. */
function received(chunks: readonly string[]): string[] {
  const options: string[] = [];
  chunks.forEach((chunk, index) => {
    const parts = chunk.split(',');
    const last = parts.at(-1);
    const continued = last?.startsWith('push-continuation ') === true ? parts.pop() : undefined;
    assert.equal(continued, chunks.length === 1 ? undefined : `push-continuation ${index === chunks.length - 1 ? '1' : '2'}`);
    options.push(...parts);
  });
  return options;
}

describe('updates of what a client was pushed', () => {
  it('give every kind of option as a whole', () => {
    assert.deepEqual(
      updateLines({
        routes: ['10.0.0.0/18', '192.168.0.0/22'] as PrefixText[],
        internet: 'tunnel',
        bypass: ['198.51.100.0/24'] as PrefixText[],
        dns: ['10.0.0.53'] as AddressText[],
      }),
      [
        'route 10.0.0.0 255.255.192.0',
        'route 192.168.0.0 255.255.252.0',
        'route 198.51.100.0 255.255.255.0 net_gateway 1000',
        'route-ipv6 ::/3 fe80::1',
        'route-ipv6 2000::/4 fe80::1',
        'route-ipv6 3000::/4 fe80::1',
        'route-ipv6 fc00::/7 fe80::1',
        'redirect-gateway def1',
        'block-ipv6',
        'dhcp-option DNS 10.0.0.53',
      ],
    );
  });

  it('take away by name what there is none of any more', () => {
    assert.deepEqual(updateLines(nothingPushed), ['-route', '-route-ipv6', '-redirect-gateway', '-block-ipv6', '-dhcp-option']);
  });

  it('law: chunks joined again are the whole list in its order, and none is longer than openvpn takes', () => {
    const option = fc.string({ unit: fc.constantFrom('a', '1', '.', ' '), minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(fc.array(option, { minLength: 1, maxLength: 60 }), (lines) => {
        const chunks = updateChunks(lines);
        for (const chunk of chunks) assert.ok(pushUpdate(7, chunk).length <= 'push-update-cid 7 ""'.length + 255);
        assert.deepEqual(received(chunks), lines);
      }),
    );
  });

  it('fill each chunk: 100 routes take a dozen commands', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `route 10.100.${String(index)}.0 255.255.255.0`);
    assert.equal(updateChunks(lines).length, 15);
  });

  it('refuse an option that no command can hold', () => {
    assert.throws(() => updateChunks(['x'.repeat(236)]), /option "x+" is too long for an update/);
  });
});
