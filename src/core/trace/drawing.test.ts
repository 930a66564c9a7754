import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkFlow } from './check-flow.ts';
import type { DrawnCell, DrawnColumn } from './drawing.ts';
import { drawing } from './drawing.ts';
import type { NodeRef } from './node.ts';
import { bob, flow, hqRouter, hrServer, probe, tutorialInput } from './testing/tutorial-wpc.ts';

const server: NodeRef = { kind: 'host', id: hrServer, label: hrServer };

function drawn(plan: Parameters<typeof tutorialInput>[0]): readonly DrawnColumn[] {
  return drawing({ ...checkFlow(tutorialInput(plan), flow(bob, hrServer)), destination: server });
}

function shown(cell: DrawnCell): string {
  return cell.kind === 'hop' ? cell.state : cell.kind;
}

function lines(columns: readonly DrawnColumn[]): readonly string[] {
  return columns.map(({ node, cells }) => `${node.kind}: ${shown(cells.forward)} | ${shown(cells.reverse)}`);
}

describe('the drawing of a check', () => {
  test('a flow that works has the same machines there and back', () => {
    assert.deepEqual(lines(drawn({})), [
      'device: passes | arrives',
      'gateway: passes | passes',
      'connector: changes | changes',
      'host: arrives | passes',
    ]);
  });

  test('a router that only the answer meets has a column of its own, and what it does not reach lies beyond', () => {
    const bare = tutorialInput();
    const probes = [
      probe(bare, 'lan', hrServer, 'answered'),
      probe(bare, 'overlay', hrServer, 'silent'),
      probe(bare, 'overlay', hqRouter, 'silent', null),
      probe(bare, 'lan', hqRouter, 'answered', null),
    ];
    const columns = drawn({ nat: 'routed', probes });
    assert.deepEqual(lines(columns), [
      'device: passes | beyond',
      'gateway: passes | beyond',
      'connector: passes | beyond',
      'router: past | drops',
      'host: arrives | passes',
    ]);
  });

  test('a request that is dropped is closed by where it should have gone', () => {
    const columns = drawn({ hq: { sysctls: { 'net/ipv4/conf/all/forwarding': 0, 'net/ipv4/conf/causeway0/forwarding': 0 } } });
    assert.deepEqual(lines(columns), [
      'device: passes | beyond',
      'gateway: passes | beyond',
      'connector: drops | beyond',
      'host: beyond | beyond',
    ]);
  });

  test('what a hop changed is told with the packet before and after', () => {
    const connector = drawn({}).find(({ node }) => node.kind === 'connector')?.cells.forward;
    assert.ok(connector?.kind === 'hop');
    assert.equal(connector.explained.arrives.source, bob);
    assert.equal(connector.explained.leaves?.source, '10.0.0.10');
  });

  test('any two ways keep their order, and no machine of both is drawn twice when they agree', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, names, (there, back) => {
        const columns = drawing({ forward: traceOf(there), reverse: traceOf(back), destination: server });
        const met = (direction: 'forward' | 'reverse') =>
          columns.flatMap(({ node, cells }) => (cells[direction].kind === 'hop' ? [node.id] : []));
        assert.deepEqual(met('forward'), there);
        assert.deepEqual(met('reverse').toReversed(), back);
        assert.ok(columns.length <= there.length + back.length);
        if (there.join('') === back.toReversed().join('')) assert.equal(columns.length, there.length);
      }),
    );
  });
});

function traceOf(names: readonly string[]) {
  return {
    hops: names.map((id) => ({
      node: { kind: 'router', id, label: id } as const,
      steps: [{ result: 'pass', detail: '', packet: null } as const],
      tutorial: [],
    })),
  };
}
