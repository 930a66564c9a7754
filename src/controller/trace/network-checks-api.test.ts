import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { networkCheckRoutes } from '../../contract/api/network-checks.ts';
import { networkDetailsRoutes } from '../../contract/api/network-details.ts';
import { checkKinds } from '../../core/trace/check-words.ts';
import { hqMachine } from '../../core/trace/testing/tutorial-wpc.ts';
import { call, refusal, revisionOf } from '../routes/test-api.ts';
import { sectionsOf, tracedWpc } from './test-trace.ts';
import type { TracedWpc } from './test-trace.ts';

let traced: TracedWpc;
before(async () => {
  traced = await tracedWpc();
});
after(async () => {
  await traced[Symbol.asyncDispose]();
});

describe('what is in order of a network', () => {
  test('is said of each connector, and its router is asked whether it knows the way back', async () => {
    const { controller, wpc } = traced;
    const checks = async () => {
      const { connectors, revision } = await call(controller, networkCheckRoutes.read, { id: wpc.network });
      assert.equal(revision, await revisionOf(controller));
      assert.deepEqual(
        connectors.map(({ connectorId, connectorName }) => [connectorId, connectorName]),
        [[wpc.connector, 'hq-1']],
      );
      return new Map(connectors[0]?.checks.map((check) => [check.kind, check]));
    };
    await traced.observe(sectionsOf(hqMachine('masquerade')));
    assert.deepEqual([...(await checks()).keys()], [...checkKinds]);
    assert.deepEqual([...new Set([...(await checks()).values()].map(({ state }) => state))], ['ok']);
    await call(controller, networkDetailsRoutes.change, { id: wpc.network, body: { nat: 'routed' } });
    await traced.observe(sectionsOf(hqMachine('routed')));
    let answer = 'answered';
    using agent = traced.agent(() => answer);
    const verified = (await checks()).get('way-back');
    assert.deepEqual(agent.asked, ['probe 0 overlay icmp 10.0.0.1 - -', 'probe 1 lan icmp 10.0.0.1 - -']);
    assert.equal(verified?.state, 'ok', JSON.stringify(verified));
    assert.ok(verified.at !== null);
    answer = 'silent';
    const lost = (await checks()).get('way-back');
    assert.equal(
      lost?.state,
      'unknown',
      `neither ping is answered, so the router may just not answer pings: ${JSON.stringify(lost)}`,
    );
    assert.equal(lost.code, 'NAT-OFF-NO-ROUTE');
  });

  test('is not said of a network that is not there', async () => {
    for (const id of ['no-uuid', '00000000-0000-4000-8000-000000000009'])
      assert.equal((await refusal(traced.controller, networkCheckRoutes.read, { id })).status, 404);
  });
});
