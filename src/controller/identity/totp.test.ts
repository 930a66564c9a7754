import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base32, matchingStep, newTotpSecret, totpCode, totpStep, totpUri } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

/** RFC 6238, appendix B, the rows of SHA-1. */
const vectors: readonly (readonly [number, string])[] = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
];
for (const [seconds, code] of vectors) {
  test(`at ${String(seconds)} s the code is that of RFC 6238`, () => {
    assert.equal(totpCode(secret, totpStep(new Date(seconds * 1000)), 8), code);
    assert.equal(totpCode(secret, totpStep(new Date(seconds * 1000))), code.slice(2));
  });
}

test('a clock may be off by one step to either side, not by two', () => {
  const now = new Date('2026-11-27T12:00:00Z');
  const current = totpStep(now);
  const found = [-2, -1, 0, 1, 2].map((off) => matchingStep(secret, totpCode(secret, current + off), now));
  assert.deepEqual(found, [undefined, current - 1, current, current + 1, undefined]);
});

test('blanks between the digits do no harm; what is no code matches nothing', () => {
  const now = new Date('2026-11-27T12:00:00Z');
  const code = totpCode(secret, totpStep(now));
  assert.equal(matchingStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now), totpStep(now));
  for (const wrong of ['', '12345', `${code}0`, 'abcdef', '１２３４５６'])
    assert.equal(matchingStep(secret, wrong, now), undefined);
});

test('base32 is that of RFC 4648', () => {
  const known = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' };
  for (const [text, encoded] of Object.entries(known)) assert.equal(base32(Buffer.from(text)), encoded);
  assert.equal(base32(secret), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  assert.equal(newTotpSecret().length, 20);
});

test('the URI escapes whatever the WPC and the person are called', () => {
  const uri = new URL(totpUri(secret, { issuer: 'A & B: ?', username: 'bob/x@example.com' }));
  assert.equal(decodeURIComponent(uri.pathname.slice(1)), 'A & B: ?:bob/x@example.com');
  assert.equal(uri.searchParams.get('issuer'), 'A & B: ?');
  assert.equal(uri.searchParams.get('secret'), base32(secret));
});
