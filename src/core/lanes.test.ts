import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConnectorId } from './ids.ts';
import type { LaneAssignment } from './lanes.ts';
import { assignLanes, laneDevice, lanePort, leastUsedUserLane, maximumUserLanes } from './lanes.ts';

const connector = (n: number) => ({ id: `connector-${n}` as ConnectorId });
const connectors = (...numbers: number[]) => numbers.map(connector);

describe('assignLanes', () => {
  test('gives the lowest lanes in the order given', () => {
    assert.deepEqual(assignLanes({}, connectors(1, 2), 256), { 'connector-1': 0, 'connector-2': 1 });
  });

  test('fills the gap that a deleted connector leaves and moves nobody', () => {
    const before = assignLanes({}, connectors(1, 2, 3), 256);
    assert.deepEqual(assignLanes(before, connectors(1, 3, 4), 256), { 'connector-1': 0, 'connector-3': 2, 'connector-4': 1 });
  });

  test('leaves whoever comes too late on the shared lane', () => {
    assert.deepEqual(assignLanes({}, connectors(1, 2, 3), 2), { 'connector-1': 0, 'connector-2': 1 });
  });

  test('law: stable, unique, within the limit, and full before anybody goes without', () => {
    const population = fc.uniqueArray(fc.nat(40), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(population, { minLength: 1, maxLength: 8 }), fc.integer({ min: 0, max: 20 }), (generations, limit) => {
        let previous: LaneAssignment = {};
        for (const generation of generations) {
          const present = connectors(...generation);
          const assignment = assignLanes(previous, present, limit);
          const lanes = Object.values(assignment);
          assert.equal(new Set(lanes).size, lanes.length, 'two connectors on one lane');
          assert.ok(lanes.every((lane) => lane < limit));
          assert.equal(lanes.length, Math.min(limit, present.length), 'a lane is free while a connector has none');
          for (const { id } of present) if (previous[id] !== undefined) assert.equal(assignment[id], previous[id], 'moved');
          assert.deepEqual(assignLanes(assignment, present, limit), assignment);
          previous = assignment;
        }
      }),
    );
  });
});

test('ports follow the name of the lane, so that no two lanes of one protocol share one', () => {
  assert.equal(lanePort('u0', 1194), 1194);
  assert.equal(lanePort('t0', 1194), 1194);
  assert.equal(lanePort('h0', 1194), 1194 + maximumUserLanes);
  assert.equal(lanePort('c0', 1194), 1210);
  assert.equal(lanePort('c255', 1194), 1465);
});

test('device names fit IFNAMSIZ and end the number before the lane', () => {
  assert.equal(laneDevice(0, 'u0'), 'cw0-u0');
  assert.ok(laneDevice(999, 'c255').length <= 15);
});

test('a new device goes to the least used lane, the lowest of equals', () => {
  const table: [number[], number][] = [
    [[0, 0], 0],
    [[3, 2], 1],
    [[2, 2, 1, 1], 2],
  ];
  for (const [counts, lane] of table) assert.equal(leastUsedUserLane(counts), lane);
});
