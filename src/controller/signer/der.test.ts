import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bitString, contextPrimitive, explicit, objectIdentifier, octetString, sequence, time, unsignedInteger } from './der.ts';

const hex = (der: Uint8Array): string => Buffer.from(der).toString('hex');

describe('DER', () => {
  it('encodes integers as positive and shortest', () => {
    const cases = { '': '020100', '00': '020100', '7f': '02017f', '80': '02020080', '0080': '02020080', '0001ff': '020201ff' };
    for (const [bytes, expected] of Object.entries(cases))
      assert.equal(hex(unsignedInteger(Buffer.from(bytes, 'hex'))), expected, bytes);
  });

  it('encodes lengths in the short and in the long form', () => {
    assert.equal(hex(octetString(new Uint8Array(127))).slice(0, 4), '047f');
    assert.equal(hex(octetString(new Uint8Array(128))).slice(0, 6), '048180');
    assert.equal(hex(octetString(new Uint8Array(65_536))).slice(0, 10), '0483010000');
  });

  it('encodes identifiers as the standards print them', () => {
    assert.equal(hex(objectIdentifier('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
    assert.equal(hex(objectIdentifier('2.5.29.20')), '0603551d14');
  });

  it('changes from UTCTime to GeneralizedTime in 2050', () => {
    assert.equal(Buffer.from(time(new Date('2049-12-31T23:59:59.999Z'))).toString('latin1'), '\x17\x0d491231235959Z');
    assert.equal(Buffer.from(time(new Date('2050-01-01T00:00:00Z'))).toString('latin1'), '\x18\x0f20500101000000Z');
  });

  it('nests', () => {
    const nested = explicit(0, sequence(contextPrimitive(0, Uint8Array.of(5)), bitString(Uint8Array.of(1))));
    assert.equal(hex(nested), 'a009300780010503020001');
  });
});
