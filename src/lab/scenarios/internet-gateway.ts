import { awaitRoutes } from '../actions/connect-client.ts';
import { chooseInternetAccess, markAsInternetGateway, setResolver } from '../actions/internet-access.ts';
import { nameProbeTargets, readStanding } from '../actions/read-standing.ts';
import { awaitCondition } from '../await-condition.ts';
import { routeDecision, startForwarding, stopForwarding } from '../host-facts.ts';
import type { Fault, Scenario, Stage } from '../scenario.ts';
import { expect, summariesOf } from '../scenario.ts';
import { clientDevice } from '../shapes/connected-wpc.ts';
import { bypassedAddress, resolverAddress } from '../shapes/internet.ts';
import { headquarters } from '../shapes/site.ts';
import type { InternetWpc } from '../shapes/internet-wpc.ts';
import { arrangeReturn, buildInternetWpc, waysBack } from '../shapes/internet-wpc.ts';
import { tellTheFlow } from './internet-gateway-flow.ts';
import { everyKindOfTraffic, gatewaysFailOver, onlyWhatIsTrusted } from './internet-gateway-limits.ts';

/** What goes wrong in the tutorial's flow, each put on a running WPC after IG-4 and taken away again. */
export const internetGatewayFaults = {
  'IG-NOT-SET': {
    summary: 'HQ is no internet gateway any more: fails at IG-6',
    inject: (wpc) => setInternetGateway(wpc, false),
    mend: (wpc) => setInternetGateway(wpc, true),
  },
  'FWD-OFF': {
    summary: "the connector's machine does not forward: fails at IG-7",
    // Probed at its LAN's router it would be found out within a second, and traffic refused at IG-6. Its own address answers all the same.
    inject: async (wpc) => {
      await probeAt(wpc, [headquarters.connector]);
      await stopForwarding(wpc.hq.connector);
    },
    mend: async (wpc) => {
      await startForwarding(wpc.hq.connector);
      await probeAt(wpc, []);
    },
  },
  'NAT-EDGE-SCOPE': {
    summary: "no NAT on the connector, and HQ's router translates its own LAN only: fails at IG-10",
    inject: (wpc) => arrangeReturn(wpc, { nat: 'routed', staticRoute: true, wideNat: false }),
    mend: (wpc) => arrangeReturn(wpc, waysBack[wpc.nat]),
  },
  'NAT-OFF-NO-ROUTE': {
    summary: 'neither NAT on the connector nor a static route: fails at IG-12',
    inject: (wpc) => arrangeReturn(wpc, { nat: 'routed', staticRoute: false, wideNat: true }),
    mend: (wpc) => arrangeReturn(wpc, waysBack[wpc.nat]),
  },
} satisfies Record<string, Fault<InternetWpc>>;

/** Section 3 of the tutorial: Bob's traffic for the internet leaves by HQ. */
export const internetGateway: Scenario = {
  name: 'internet-gateway',
  summary: 'Bob reaches the internet through HQ, and nothing leaks past it (IG-1 to IG-21, and what goes beyond)',
  options: {
    nat: 'the connector hides tunnel addresses behind its own: nothing changes on the LAN (IG-15 to IG-19)',
    'static-route': "HQ's router knows the way back and translates tunnel addresses too (IG-13, IG-14)",
  },
  faults: summariesOf(internetGatewayFaults),
  run: async (stage) => {
    stage.progress('building region, HQ, the internet and Bob, who is connected …');
    const wpc = await buildInternetWpc(stage.world, stage.option === 'nat' ? 'masquerade' : 'routed');
    await hqBecomesInternetGateway(stage, wpc);
    for (const [code, { inject }] of Object.entries(internetGatewayFaults)) if (stage.faults.has(code)) await inject(wpc);
    await tellTheFlow(stage, wpc);
    await everyKindOfTraffic(stage, wpc);
    await gatewaysFailOver(stage, wpc);
    await onlyWhatIsTrusted(stage, wpc);
  },
};

/** hqBecomesInternetGateway tells IG-1 to IG-4. */
export async function hqBecomesInternetGateway({ step }: Stage, wpc: InternetWpc): Promise<void> {
  const { administrator, network, group, gateway, bob, region } = wpc;
  await step('IG-1', 'the administrator marks HQ Network as an internet gateway', async () => {
    expect(await markAsInternetGateway(administrator, network.id, true), 'the API does not say that it is one');
    return 'HQ Network: egress is true';
  });
  const lane = await gateway.awaitDeviceOf(network.connector.address);
  await step('IG-2', "the WPC's way to the internet is HQ's connector", async () => {
    const lanes = await awaitCondition('the gateway knows a connector that leads to the internet', async () => {
      const found = await gateway.internetLanes();
      return found.length > 0 ? found : undefined;
    });
    expect(lanes.join() === lane, `the gateway lets internet traffic out by ${lanes.join(', ')}, not by ${lane}`);
    return `the gateway lets internet traffic out by ${lane}, the lane of ${network.connector.address}`;
  });
  await step('IG-3', "Bob's group has split tunnel off, but for one address", async () => {
    await setResolver(administrator, resolverAddress);
    const told = await chooseInternetAccess(administrator, group.id, {
      internetAccess: 'SPLIT_TUNNEL_OFF',
      bypass: [`${bypassedAddress}/32`],
    });
    return `Staff: ${told}; its people are told to resolve names at ${resolverAddress}`;
  });
  await step('IG-4', "Bob's tunnel is told, and is his default route now", async () => {
    const routes = await region.explain(awaitRoutes(bob.computer, bob.client, clientDevice, ['0.0.0.0/1', '128.0.0.0/1']));
    await gateway.awaitDeviceOf(bob.device.address);
    const ways = await gateway.waysOut();
    expect(ways.join() === lane, `the gateway routes internet traffic to ${ways.join(', ') || 'nowhere'}, not to ${lane}`);
    const { said } = await routeDecision(bob.computer, region.address);
    expect(said.includes('dev lan0'), `the tunnel's own packets would go: ${said}`);
    return `routes by ${clientDevice}: ${routes.join(', ')}; the tunnel itself: ${said}; on the gateway their default goes to ${lane}`;
  });
}

async function probeAt({ administrator, network }: InternetWpc, targets: readonly string[]): Promise<void> {
  await nameProbeTargets(administrator, network.id, targets);
  const [wanted = headquarters.router] = targets;
  await awaitCondition(`${wanted} is probed`, async () => {
    const { of } = await readStanding(administrator, network.id);
    return of.get(network.connector.id)?.probeTarget === wanted ? true : undefined;
  });
}

async function setInternetGateway({ administrator, network, gateway }: InternetWpc, egress: boolean): Promise<void> {
  await markAsInternetGateway(administrator, network.id, egress);
  await awaitCondition('the gateway knows its ways to the internet', async () =>
    (await gateway.waysOut()).length > 0 === egress ? true : undefined,
  );
}
