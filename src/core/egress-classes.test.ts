import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EgressClassNumbers } from './egress-classes.ts';
import { assignEgressClasses, egressClassKey, gatewaysOfClass, mostEgressClasses, restrictedClass } from './egress-classes.ts';
import type { NetworkId } from './ids.ts';

const networks = (...ids: string[]) => ids as NetworkId[];

describe('egressClassKey', () => {
  test('is one for all who may leave by the same gateways, in whatever order they are named', () => {
    const off = (...ids: string[]) => egressClassKey({ mode: 'SPLIT_TUNNEL_OFF', gateways: networks(...ids), bypass: [] });
    assert.equal(off('b', 'a', 'b'), off('a', 'b'));
    assert.notEqual(off('a'), off('a', 'b'));
    assert.equal(off(), 'all');
    assert.equal(egressClassKey({ mode: 'RESTRICTED_INTERNET', bypass: [] }), restrictedClass);
    assert.equal(egressClassKey({ mode: 'SPLIT_TUNNEL_ON' }), undefined);
  });

  test('tells its gateways again', () => {
    const key = egressClassKey({ mode: 'SPLIT_TUNNEL_OFF', gateways: networks('b', 'a'), bypass: [] }) ?? '';
    assert.deepEqual(gatewaysOfClass(key), new Set(networks('a', 'b')));
    assert.equal(gatewaysOfClass('all'), null);
  });
});

describe('assignEgressClasses', () => {
  test('gives the lowest free numbers, and frees those of classes that are gone', () => {
    const before = assignEgressClasses({}, ['all', 'a', 'b']);
    assert.deepEqual(before, { all: 1, a: 2, b: 3 });
    assert.deepEqual(assignEgressClasses(before, ['b', 'c', 'd']), { b: 3, c: 1, d: 2 });
  });

  test('says so when numbers run out', () => {
    const keys = Array.from({ length: mostEgressClasses + 1 }, (_, index) => String(index));
    assert.throws(() => assignEgressClasses({}, keys), /more than 1022 different choices of internet gateways/);
  });

  test('law: numbers are stable, unique, within the limit; assigning again changes nothing', () => {
    const keys = fc.array(fc.nat(30).map(String), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 8 }), (generations) => {
        let previous: EgressClassNumbers = {};
        for (const generation of generations) {
          const assigned = assignEgressClasses(previous, generation);
          const numbers = Object.values(assigned);
          assert.deepEqual(new Set(Object.keys(assigned)), new Set(generation));
          assert.equal(new Set(numbers).size, numbers.length, 'two classes with one number');
          assert.ok(numbers.every((number) => number >= 1 && number <= mostEgressClasses));
          for (const key of generation) if (previous[key] !== undefined) assert.equal(assigned[key], previous[key], 'moved');
          assert.deepEqual(assignEgressClasses(assigned, generation), assigned);
          previous = assigned;
        }
      }),
    );
  });

  test('law: whatever was there before, never two classes with one number', () => {
    const previous = fc.dictionary(fc.nat(9).map(String), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(previous, fc.array(fc.nat(9).map(String)), (numbers, keys) => {
        const assigned = Object.values(assignEgressClasses(numbers, keys));
        assert.equal(new Set(assigned).size, assigned.length);
      }),
    );
  });
});
