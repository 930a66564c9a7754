import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from './compile.ts';
import { applyDelta, diffConfiguration, isEmptyDelta } from './configuration-delta.ts';
import { exampleGateway, exampleWpc } from './example-wpc.ts';
import { formatPrefix, strictPrefix } from './ip/prefix.ts';
import type { WpcModel } from './model.ts';

const model = exampleWpc({ networks: 3, devices: 4 });
const before = compile(model, exampleGateway);
const after = (change: Partial<WpcModel>) => compile({ ...model, revision: 2, ...change }, exampleGateway);

describe('diffConfiguration', () => {
  test('carries one entry for one change', () => {
    const delta = diffConfiguration(
      before,
      after({ devices: model.devices.slice(1), certificates: model.certificates.slice(0, 3) }),
    );
    assert.deepEqual(delta, {
      from: 1,
      to: 2,
      endpoints: { set: {}, remove: [Object.keys(before.endpoints)[3]] },
      certificates: { set: {}, remove: Object.keys(before.certificates).slice(3) },
    });
  });

  test('is empty but for the revision when nothing differs', () => {
    assert.ok(isEmptyDelta(diffConfiguration(before, after({}))));
    assert.ok(!isEmptyDelta(diffConfiguration(before, after({ devices: [] }))));
  });

  test('carries the gateway when the tunnel range moves', () => {
    const moved = after({ tunnelRanges: [formatPrefix(strictPrefix('100.64.0.0/11'))] });
    assert.deepEqual(applyDelta(before, diffConfiguration(before, moved)), moved);
  });
});

test('applyDelta refuses a gap, so that the receiver fetches a snapshot', () => {
  const delta = diffConfiguration(before, after({ devices: [] }));
  assert.throws(() => applyDelta({ ...before, revision: 5 }, delta), /from revision 1 cannot be applied to revision 5/);
});

test('law: applying the difference gives the other configuration, and the input stays as it was', () => {
  const models = fc
    .record({
      networks: fc.nat(6),
      prefixesPerNetwork: fc.integer({ min: 0, max: 3 }),
      devices: fc.nat(6),
      suspended: fc.boolean(),
    })
    .map(({ suspended, ...size }) => {
      const wpc = exampleWpc(size);
      return { ...wpc, connectors: wpc.connectors.map((connector) => ({ ...connector, suspended })) };
    });
  fc.assert(
    fc.property(models, models, (one, other) => {
      const from = compile({ ...one, revision: 1 }, exampleGateway);
      const to = compile({ ...other, revision: 2 }, exampleGateway);
      const kept = structuredClone(from);
      assert.deepEqual(applyDelta(from, JSON.parse(JSON.stringify(diffConfiguration(from, to)))), to);
      assert.deepEqual(from, kept);
    }),
  );
});
