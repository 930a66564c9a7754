import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostname } from './hostname-check.ts';

describe('isHostname', () => {
  for (const good of ['vpn.example.com', 'localhost', 'VPN', 'a-b.c0', '192.0.2.10', '2001:db8::1', `${'a'.repeat(63)}.de`]) {
    it(`accepts ${good}`, () => assert.equal(isHostname(good), true));
  }
  for (const bad of [
    '',
    '.',
    'a..b',
    '-a',
    'a-',
    'a_b',
    'a b',
    'a\nb',
    '10.0.0.300',
    '1.2.3',
    'fe80::1%eth0',
    '[::1]',
    'a:443',
    'ä.de',
    'a'.repeat(64),
    `${'a.'.repeat(127)}aa`,
  ]) {
    it(`refuses ${JSON.stringify(bad.slice(0, 70))}`, () => assert.equal(isHostname(bad), false));
  }
});
