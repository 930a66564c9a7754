/** Bob's internet traffic leaves by a network, in one world: told as the tutorial does, broken at each of its failures, and at its limits. */
import { after, before, describe, test } from 'node:test';
import { tellTheFlow } from '../../src/lab/scenarios/internet-gateway-flow.ts';
import { everyKindOfTraffic, gatewaysFailOver, onlyWhatIsTrusted } from '../../src/lab/scenarios/internet-gateway-limits.ts';
import { hqBecomesInternetGateway, internetGatewayFaults } from '../../src/lab/scenarios/internet-gateway.ts';
import type { Stage } from '../../src/lab/scenario.ts';
import type { InternetWpc } from '../../src/lab/shapes/internet-wpc.ts';
import { buildInternetWpc, useOption } from '../../src/lab/shapes/internet-wpc.ts';
import { World } from '../../src/lab/world.ts';
import { assertFailsAt, stageIn } from './stage-for-tests.ts';

describe('internet gateway', () => {
  let world: World;
  let stage: Stage;
  let wpc: InternetWpc;
  before(async () => {
    world = await World.create();
    stage = stageIn(world, 'nat');
    wpc = await buildInternetWpc(world, 'masquerade');
    await hqBecomesInternetGateway(stage, wpc);
  });
  after(async () => world[Symbol.asyncDispose]());

  const tell = () => tellTheFlow(stage, wpc);

  test('works with nat', tell);

  const failures = [
    ['IG-NOT-SET', 'IG-6', /IG-NOT-SET: .*refused it at once/],
    ['FWD-OFF', 'IG-7', /FWD-OFF: .*ip_forward is 0/],
    ['NAT-EDGE-SCOPE', 'IG-10', /NAT-EDGE-SCOPE: .*source 100\.96\.16\.1/],
    ['NAT-OFF-NO-ROUTE', 'IG-12', /NAT-OFF-NO-ROUTE: .*no route to 100\.96\.0\.0\/11/],
  ] as const;
  for (const [code, step, reason] of failures) {
    test(`with ${code} it fails at ${step}`, () => assertFailsAt(internetGatewayFaults[code], wpc, { step, reason, tell }));
  }

  test('works with a static route, and fails at the same steps without it or without a wide NAT', async () => {
    wpc = await useOption(wpc, 'routed');
    await tell();
    for (const [code, step, reason] of failures.slice(2)) {
      await assertFailsAt(internetGatewayFaults[code], wpc, { step, reason, tell });
    }
  });

  test('IPv6 does not leak, names are resolved, exceptions go by the local line', () => everyKindOfTraffic(stage, wpc));

  test('gateways fail over, and without any traffic is refused', () => gatewaysFailOver(stage, wpc));

  test('restricted internet access reaches what is trusted and nothing else', () => onlyWhatIsTrusted(stage, wpc));
});
