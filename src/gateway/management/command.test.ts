import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManagementLimitError, clientAuth, clientDeny, clientPendingAuth, parameter } from './command.ts';

/** openvpn's own reading of a double-quoted parameter [2.6 options.c parse_line]. */
function unquote(text: string): string {
  assert.match(text, /^".*"$/s);
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

describe('management commands', () => {
  it('quote every text so that openvpn reads back what was meant, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        fc.pre(!/[\x00-\x1f\x7f]/.test(text) && Buffer.byteLength(text) <= 255);
        const quoted = parameter(text);
        assert.equal(unquote(quoted), text);
        assert.equal(quoted.includes('\n'), false);
      }),
    );
  });

  for (const [name, make] of [
    ['a parameter of 256 bytes', () => parameter('x'.repeat(256))],
    ['a parameter of 100 emoji', () => parameter('🦊'.repeat(100))],
    ['a line break in a parameter', () => parameter('a\nkill all')],
    ['a carriage return in a reason', () => clientDeny(1, 1, 'log', 'x\r\ny')],
    ['a body line of 256 bytes', () => clientAuth(1, 1, [`push "route ${'x'.repeat(256)}"`])],
    ['a body line that would end the body', () => clientAuth(1, 1, ['END'])],
    ['a line break in a body line', () => clientAuth(1, 1, ['push "a"\nEND\nsignal SIGTERM'])],
  ] as const) {
    it(`refuse ${name}`, () => {
      assert.throws(make, ManagementLimitError);
    });
  }

  it('look as openvpn wants them', () => {
    assert.equal(
      clientAuth(3, 1, ['ifconfig-push 100.96.0.5 255.224.0.0']),
      'client-auth 3 1\nifconfig-push 100.96.0.5 255.224.0.0\nEND',
    );
    assert.equal(clientPendingAuth(3, 1, 'WEB_AUTH::https://x', 300), 'client-pending-auth 3 1 "WEB_AUTH::https://x" 300');
    assert.equal(clientDeny(3, 1, 'a "b"', 'TEMP[backoff 3]'), 'client-deny 3 1 "a \\"b\\"" "TEMP[backoff 3]"');
  });
});
