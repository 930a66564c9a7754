import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceRoutes } from '../../contract/api/trace.ts';
import { call, refusal } from '../routes/test-api.ts';
import { sectionsOf, tracedWpc } from './test-trace.ts';

/** hq-1's machine as its agent reports it, set up as it should be or with forwarding off. */
function machine(forwarding: 0 | 1): Readonly<Record<string, string>> {
  return sectionsOf({
    tunnelAddress: '100.96.0.100',
    lanAddress: '10.0.0.10/18',
    lanSubnet: '10.0.0.0/18',
    router: '10.0.0.1',
    tunnelRoutes: ['100.96.0.0/11'],
    masqueraded: ['100.96.0.0/11'],
    sysctls: Object.fromEntries(
      ['net/ipv4/ip_forward', ...['all', 'lan0', 'causeway0'].map((name) => `net/ipv4/conf/${name}/forwarding`)].map((name) => [
        name,
        forwarding,
      ]),
    ),
    // The clock of a recording is not that of a test.
    moreSections: { agent: 'agent=0.1.0' },
  });
}

test('a fix is carried out as the finding says it, and looked at afterwards', async () => {
  await using traced = await tracedWpc();
  const { controller, wpc } = traced;
  await traced.observe(machine(0));
  const before = await call(controller, traceRoutes.findings);
  assert.ok(
    before.findings.some(({ code }) => code === 'FWD-OFF'),
    JSON.stringify(before.findings.map(({ code }) => code)),
  );
  using agent = traced.agent(
    () => 'done ip_forward is 1 now',
    async () => await traced.observe(machine(1)),
  );
  const applied = await call(controller, traceRoutes.apply, { body: { code: 'FWD-OFF', connectorId: wpc.connector } });
  assert.deepEqual(agent.asked, ['act 0 sysctl net/ipv4/ip_forward 1', 'observe']);
  assert.deepEqual(
    [applied.done, applied.words, applied.connectorName, applied.remains, applied.trace],
    [true, 'ip_forward is 1 now', 'hq-1', false, null],
  );
  assert.ok(applied.undo.length > 0);
});

test('a trace that found it is asked again, and the answer says whether it helped', async () => {
  await using traced = await tracedWpc();
  const { controller, wpc } = traced;
  await traced.observe(machine(0));
  const body = { source: 'bob', destination: '10.0.0.20', probe: 'never' };
  const found = await call(controller, traceRoutes.ask, { body });
  assert.deepEqual([found.verdict, found.findings[0]?.code], ['broken', 'FWD-OFF']);
  using agent = traced.agent(() => 'failed read-only file system');
  const request = { code: 'FWD-OFF', connectorId: wpc.connector, traceId: found.id };
  const applied = await call(controller, traceRoutes.apply, { body: request });
  assert.deepEqual(agent.asked, ['act 0 sysctl net/ipv4/ip_forward 1', 'observe']);
  assert.deepEqual([applied.done, applied.words, applied.remains], [false, 'read-only file system', true]);
  assert.deepEqual([applied.trace?.verdict, applied.trace?.asked], ['broken', found.asked]);
});

test('nothing is carried out that no finding calls for, or that the agent is not there to do', async () => {
  await using traced = await tracedWpc();
  const { controller, wpc } = traced;
  await traced.observe(machine(1));
  const none = await refusal(controller, traceRoutes.apply, { body: { code: 'FWD-OFF', connectorId: wpc.connector } });
  assert.equal(none.status, 409);
  assert.match(none.message, /finds no FWD-OFF now that its agent may mend/);
  for (const connectorId of ['no-uuid', '00000000-0000-4000-8000-000000000009']) {
    assert.equal((await refusal(controller, traceRoutes.apply, { body: { code: 'FWD-OFF', connectorId } })).status, 404);
  }
  const unknown = await refusal(controller, traceRoutes.apply, { body: { code: 'NONSENSE', connectorId: wpc.connector } });
  assert.deepEqual([unknown.status, unknown.field], [400, 'code']);
});
