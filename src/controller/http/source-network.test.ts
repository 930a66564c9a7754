import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceNetwork } from './source-network.ts';

test('an IPv4 sender is counted by its address, however it is written', () => {
  assert.equal(sourceNetwork('203.0.113.7'), '203.0.113.7');
  assert.equal(sourceNetwork('::ffff:203.0.113.7'), '203.0.113.7');
  assert.notEqual(sourceNetwork('203.0.113.8'), sourceNetwork('203.0.113.7'));
});

test('an IPv6 sender is counted by its /64, so that another address of its own gives nothing new', () => {
  assert.equal(sourceNetwork('2001:db8:1:2::1'), sourceNetwork('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  assert.notEqual(sourceNetwork('2001:db8:1:2::1'), sourceNetwork('2001:db8:1:3::1'));
  assert.notEqual(sourceNetwork('::1'), sourceNetwork('2001:db8::1'));
});

test('what is no address is counted as it is', () => {
  assert.equal(sourceNetwork(''), '');
  assert.equal(sourceNetwork('fe80::1%eth0'), 'fe80::1%eth0');
});
