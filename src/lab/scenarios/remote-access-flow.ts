import { captureAt, isSyn, isSynAck } from '../capture.ts';
import { connectorDevice } from '../actions/install-connector.ts';
import type { GatewayView } from '../gateway-view.ts';
import { countedMasquerade, expectRouter, isForwarding, lineWith, macOf, openPage, routeDecision } from '../host-facts.ts';
import type { Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { clientDevice, hrPage, wpcRange } from '../shapes/connected-wpc.ts';
import type { Person } from '../shapes/person.ts';
import type { Region } from '../shapes/region.ts';
import type { Site } from '../shapes/site.ts';
import { headquarters } from '../shapes/site.ts';

export type RemoteAccess = {
  readonly region: Region;
  readonly gateway: GatewayView;
  readonly hq: Site;
  readonly bob: Person;
  readonly bobAddress: string;
  readonly nat: 'masquerade' | 'routed';
};

/** tellTheFlow sends one request and tells, hop by hop from RA-9 to RA-22, where its packets were seen. */
export async function tellTheFlow(stage: Stage, wpc: RemoteAccess): Promise<void> {
  const { step, option } = stage;
  const { region, gateway, hq, bob, bobAddress } = wpc;
  const routed = wpc.nat === 'routed';
  const bobLane = await gateway.deviceOf(bobAddress);
  const connectorLane = await gateway.deviceOf(headquarters.server);
  expect(bobLane !== undefined && connectorLane !== undefined, 'a route is gone from the gateway');
  await using captures = await captureAt(`tcp port 80 and host ${headquarters.server}`, {
    atBob: [bob.computer, clientDevice],
    gatewayIn: [region.host, bobLane],
    gatewayOut: [region.host, connectorLane],
    tunnel: [hq.connector, connectorDevice],
    connectorLan: [hq.connector, 'lan0'],
    atServer: [hq.server, 'lan0'],
    atRouter: [hq.router, 'lan0'],
  });
  const { atBob, gatewayIn, gatewayOut, tunnel, connectorLan, atServer, atRouter } = captures.at;
  const request = await openPage(bob.computer, headquarters.server);

  await step('RA-9', `Bob opens http://${headquarters.server}/: the packet leaves by the tunnel`, async () => {
    const syn = await atBob.find((packet) => isSyn(packet) && packet.destination === headquarters.server);
    expect(syn !== undefined, `no SYN to ${headquarters.server} left by ${clientDevice}`);
    expect(syn.source === bobAddress, `its source is ${syn.source}, not Bob's ${bobAddress}`);
    return `SYN ${syn.source} > ${syn.destination} by ${clientDevice}`;
  });

  await step('RA-10', "the WPC routes it to HQ's connector", async () => {
    const entered = await gatewayIn.find(isSyn);
    expect(entered !== undefined, `the SYN did not reach the gateway's ${bobLane}`);
    const left = await gatewayOut.find(isSyn);
    expect(left !== undefined, `the SYN entered the gateway by ${bobLane} and did not leave by ${connectorLane}`);
    return `in by ${bobLane}, out by ${connectorLane}, TTL ${entered.ttl} > ${left.ttl}`;
  });

  await step('RA-11', 'the connector takes a packet that is not for itself', async () => {
    const arrived = await tunnel.find(isSyn);
    expect(arrived !== undefined, `the SYN did not reach ${connectorDevice} on the connector`);
    const decision = await routeDecision(hq.connector, headquarters.server, { from: bobAddress, by: connectorDevice });
    const left = await connectorLan.find(isSyn, 300);
    expect(
      decision.found && left !== undefined,
      `FWD-OFF: the SYN for ${headquarters.server} arrived on ${connectorDevice} and the connector dropped it: ip_forward is ${(await isForwarding(hq.connector)) ? 1 : 0}; ` +
        `"ip route get ${headquarters.server} from ${bobAddress} iif ${connectorDevice}": ${decision.said}\n` +
        'mend: sysctl -w net.ipv4.ip_forward=1 on hq-connector, or install without --keep-sysctl',
    );
    return decision.said;
  });

  await step('RA-12', 'it is configured as a router, now and after a reboot', () => expectRouter(hq.connector));

  await step('RA-13', 'it forwards the packet to the HR server, with one TTL less', async () => {
    const [arrived, left] = [await tunnel.find(isSyn), await connectorLan.find(isSyn)];
    expect(arrived !== undefined && left !== undefined, 'the SYN did not leave by lan0');
    expect(left.ttl === arrived.ttl - 1, `TTL ${arrived.ttl} on ${connectorDevice} and ${left.ttl} on lan0`);
    return `SYN ${left.source} > ${left.destination} by lan0`;
  });

  const macs = { router: await macOf(hq.router, 'lan0'), connector: await macOf(hq.connector, 'lan0') };
  const source = routed ? bobAddress : headquarters.connector;
  await step('RA-14', 'the server gets the request and answers', async () => {
    const syn = await atServer.find(isSyn);
    expect(syn !== undefined, 'no SYN reached the server');
    expect(syn.source === source, `the server sees ${syn.source}, not ${source}`);
    const answer = await atServer.find(isSynAck);
    expect(answer !== undefined, 'the server sent no SYN-ACK');
    const towards =
      answer.macDestination === macs.router
        ? 'the router'
        : answer.macDestination === macs.connector
          ? 'the connector'
          : 'a stranger';
    return `SYN from ${syn.source}; SYN-ACK to ${answer.destination} handed to ${towards}`;
  });

  await step('RA-15', 'the answer is not lost at the router', async () => {
    const met = await atRouter.find((packet) => isSynAck(packet) && packet.macDestination === macs.router, routed ? 1000 : 300);
    if (!routed) {
      expect(met === undefined, 'the router met the answer although NAT is on');
      return 'the router is not on the way: the answer goes straight to the connector';
    }
    expect(met !== undefined, 'the SYN-ACK did not reach the router');
    const returned = await connectorLan.find((packet) => isSynAck(packet) && packet.macDestination === macs.connector);
    const { said: way } = await routeDecision(hq.router, bobAddress);
    expect(
      returned !== undefined,
      `NAT-OFF-NO-ROUTE: the SYN-ACK for ${bobAddress} reached HQ's router, which has no route to ${wpcRange} ("${way}") and lost it; ` +
        'nothing came back to the connector\n' +
        `mend: ip route add ${wpcRange} via ${headquarters.connector} on hq-router, or NAT mode masquerade for HQ Network`,
    );
    return `the router sends it on: ${way}`;
  });

  if (option === 'static-route') {
    await step('RA-16', `the router has a static route for ${wpcRange} to the connector`, async () => {
      const route = (await hq.router.must(['ip', 'route', 'show', wpcRange])).trim();
      expect(route.includes(`via ${headquarters.connector}`), `the router's route is "${route}"`);
      return route;
    });
    await step('RA-17', 'the answer goes to the connector; the server can also start', async () => {
      const back = await tunnel.find(isSynAck);
      expect(back !== undefined, `the SYN-ACK did not leave by ${connectorDevice}`);
      const ping = await hq.server.must(['ping', '-c', '2', '-i', '0.2', '-W', '2', bobAddress]);
      return `SYN-ACK ${back.source} > ${back.destination} by ${connectorDevice}; the server pings Bob: ${lineWith(ping, 'received')}`;
    });
  } else {
    await step('RA-18', 'the connector translates the source', () => countedMasquerade(hq.connector));
    await step('RA-19', 'the server answers straight to the connector', async () => {
      const answer = await atServer.find(isSynAck);
      expect(answer?.macDestination === macs.connector, `the SYN-ACK went to ${answer?.macDestination ?? 'nobody'}`);
      const seen = atRouter.packets.filter((packet) => packet.macDestination === macs.router);
      expect(seen.length === 0, 'the router saw packets of the flow');
      return `SYN-ACK to ${answer.destination} at the connector's MAC; the router saw nothing of the flow`;
    });
    await step('RA-20', 'the connector translates back', async () => {
      const [lan, back] = [await connectorLan.find(isSynAck), await tunnel.find(isSynAck)];
      expect(lan?.destination === headquarters.connector, `on lan0 the destination is ${lan?.destination ?? 'unseen'}`);
      expect(back?.destination === bobAddress, `on ${connectorDevice} the destination is ${back?.destination ?? 'unseen'}`);
      return `destination ${lan.destination} on lan0, ${back.destination} on ${connectorDevice}`;
    });
  }

  await step('RA-21', 'the answer reaches the WPC', async () => {
    const entered = await gatewayOut.find(isSynAck);
    expect(entered !== undefined, `no SYN-ACK came in by ${connectorLane}`);
    return `SYN-ACK in by ${connectorLane}`;
  });

  await step('RA-22', 'and Bob has his page', async () => {
    const answered = await atBob.find(isSynAck);
    expect(answered !== undefined, `no SYN-ACK reached ${clientDevice}`);
    expect(request.code === 0 && request.stdout.includes(hrPage), `curl: exit ${request.code} ${request.stderr.trim()}`);
    return `"${request.stdout.trim()}"`;
  });
}
