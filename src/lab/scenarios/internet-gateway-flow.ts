import { connectorDevice } from '../actions/install-connector.ts';
import type { Packet } from '../capture.ts';
import { captureAt, isSyn, isSynAck } from '../capture.ts';
import { countedMasquerade, expectRouter, isForwarding, macOf, openPage, routeDecision } from '../host-facts.ts';
import type { Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { clientDevice, wpcRange } from '../shapes/connected-wpc.ts';
import { internetServiceAddress } from '../shapes/internet.ts';
import { headquarters, publicAddressOf } from '../shapes/site.ts';
import type { InternetWpc } from '../shapes/internet-wpc.ts';

const service = internetServiceAddress;

/** isRefusal tells an ICMP error that says that there is no way, or none that is allowed. */
export const isRefusal = ({ text }: Packet): boolean => text.startsWith('ICMP') && text.includes('unreachable');

/** tellTheFlow sends one request to the internet and tells, hop by hop from IG-5 to IG-21, where its packets were seen. */
export async function tellTheFlow({ step }: Stage, wpc: InternetWpc): Promise<void> {
  const { region, gateway, hq, bob, network } = wpc;
  const bobAddress = bob.device.address;
  const lanes = { bob: await gateway.deviceOf(bobAddress), hq: await gateway.deviceOf(network.connector.address) };
  expect(lanes.bob !== undefined && lanes.hq !== undefined, 'a route is gone from the gateway');
  await using captures = await captureAt(`tcp port 80 and host ${service} or icmp`, {
    bob: [bob.computer, clientDevice],
    bobUplink: [bob.router, 'wan0'],
    gatewayIn: [region.host, lanes.bob],
    gatewayOut: [region.host, lanes.hq],
    gatewayUplink: [region.host, 'wan0'],
    tunnel: [hq.connector, connectorDevice],
    connectorLan: [hq.connector, 'lan0'],
    routerUplink: [hq.router, 'wan0'],
  });
  const { at } = captures;
  const request = await openPage(bob.computer, service);

  await step('IG-5', `Bob opens http://${service}/: the packet leaves by the tunnel`, async () => {
    const { said } = await routeDecision(bob.computer, service);
    expect(said.includes(`dev ${clientDevice}`), `${service} goes: ${said}`);
    const syn = await at.bob.find(isSyn);
    expect(syn?.source === bobAddress, `no SYN left by ${clientDevice} from ${bobAddress}`);
    return said;
  });

  await step('IG-6', "the WPC routes it to HQ's connector, and not to its own uplink", async () => {
    expect((await at.gatewayIn.find(isSyn)) !== undefined, `the SYN did not reach the gateway's ${lanes.bob}`);
    const left = await at.gatewayOut.find(isSyn);
    if (left === undefined) {
      const refusal = await at.bob.find(isRefusal);
      const how = refusal === undefined ? 'dropped it in silence' : `refused it at once: ${refusal.source} says ${refusal.text}`;
      throw new Error(
        `IG-NOT-SET: no network is an internet gateway that Bob may use and that is there; the gateway ${how}\n` +
          'mend: mark a network with a connector that is online as internet gateway: PUT /api/v1/networks/ID {"egress": true}',
      );
    }
    const leak = await at.gatewayUplink.find(isSyn, 0);
    expect(leak === undefined, "the SYN left by the gateway's own uplink");
    return `in by ${lanes.bob}, out by ${lanes.hq}; nothing of it on the gateway's own uplink`;
  });

  await step('IG-7', 'the connector takes a packet that is not for itself', async () => {
    expect((await at.tunnel.find(isSyn)) !== undefined, `the SYN did not reach ${connectorDevice} on the connector`);
    const decision = await routeDecision(hq.connector, service, { from: bobAddress, by: connectorDevice });
    const left = await at.connectorLan.find(isSyn, 300);
    expect(
      decision.found && left !== undefined,
      `FWD-OFF: the SYN for ${service} arrived on ${connectorDevice} and the connector dropped it: ip_forward is ` +
        `${(await isForwarding(hq.connector)) ? 1 : 0}; "ip route get ${service} from ${bobAddress} iif ${connectorDevice}": ${decision.said}\n` +
        'mend: sysctl -w net.ipv4.ip_forward=1 on hq-connector, or install without --keep-sysctl',
    );
    return decision.said;
  });

  await step('IG-8', 'it is configured as a router, now and after a reboot', () => expectRouter(hq.connector));

  await step('IG-9', "it forwards the packet to HQ's router", async () => {
    const left = await at.connectorLan.find(isSyn);
    expect(left?.macDestination === (await macOf(hq.router, 'lan0')), `the SYN went to ${left?.macDestination ?? 'nobody'}`);
    const own = await routeDecision(hq.connector, service);
    expect(
      !own.said.includes(connectorDevice),
      `EGRESS-LOOP: the connector's own way to the internet is its tunnel: ${own.said}`,
    );
    return `SYN ${left.source} > ${left.destination} handed to the router; the connector's own way there: ${own.said}`;
  });

  const source = wpc.nat === 'routed' ? bobAddress : headquarters.connector;
  const hqPublic = publicAddressOf(headquarters);
  await step('IG-10', "HQ's router translates it and sends it to the internet", async () => {
    const left = await at.routerUplink.find(isSyn);
    expect(left !== undefined, "the SYN did not leave by the router's uplink");
    expect(
      left.source === hqPublic,
      `NAT-EDGE-SCOPE: HQ's router sent the SYN out with source ${left.source}, which nobody on the internet can answer: it translates ` +
        `its own LAN ${headquarters.prefix} only\nmend: let the router's NAT rule match ${wpcRange} too, or NAT mode masquerade for HQ Network`,
    );
    return `SYN ${left.source} > ${left.destination} by the router's uplink`;
  });

  await step('IG-11', 'the answer comes to the router, which undoes its NAT', async () => {
    const answer = await at.routerUplink.find(isSynAck);
    expect(answer !== undefined, "no SYN-ACK came to the router's uplink");
    const tracked = await hq.router.must(['conntrack', '-L', '-p', 'tcp', '-d', service]);
    const entry = tracked.split('\n').find((line) => line.includes(`dst=${hqPublic}`));
    expect(entry !== undefined, `the router tracks no translated flow to ${service}:\n${tracked}`);
    return `SYN-ACK to ${answer.destination}; conntrack: ${entry.trim()}`;
  });

  await step('IG-12', 'the answer is not lost at the router', async () => {
    const returned = await at.connectorLan.find(isSynAck);
    const { said } = await routeDecision(hq.router, bobAddress);
    expect(
      returned !== undefined,
      `NAT-OFF-NO-ROUTE: HQ's router undid its NAT and has no route to ${wpcRange} ("${said}"); nothing came back to the connector\n` +
        `mend: ip route add ${wpcRange} via ${headquarters.connector} on hq-router, or NAT mode masquerade for HQ Network`,
    );
    return `SYN-ACK to ${returned.destination} handed to the connector`;
  });

  if (wpc.nat === 'routed') {
    await step('IG-13', `the router has a static route for ${wpcRange} to the connector`, async () => {
      const route = (await hq.router.must(['ip', 'route', 'show', wpcRange])).trim();
      expect(route.includes(`via ${headquarters.connector}`), `the router's route is "${route}"`);
      return route;
    });
    await step('IG-14', "the connector gets the answer with Bob's address and sends it into the tunnel", async () => {
      const [lan, back] = [await at.connectorLan.find(isSynAck), await at.tunnel.find(isSynAck)];
      expect(lan?.destination === bobAddress, `on lan0 the destination is ${lan?.destination ?? 'unseen'}`);
      expect(back?.destination === bobAddress, `on ${connectorDevice} the destination is ${back?.destination ?? 'unseen'}`);
      return `SYN-ACK ${back.source} > ${back.destination} on lan0 and on ${connectorDevice}`;
    });
  } else {
    await step('IG-15', 'the connector has a rule that translates the source', () => countedMasquerade(hq.connector));
    await step('IG-16', "so the router gets the connector's address", async () => {
      const left = await at.connectorLan.find(isSyn);
      expect(left?.source === source, `on lan0 the source is ${left?.source ?? 'unseen'}, not ${source}`);
      return `SYN ${left.source} > ${left.destination} on lan0`;
    });
    await step('IG-17', 'the router translates it like any packet of its LAN', async () => {
      expect(wpc.internetLog().includes(`visitor ${hqPublic}`), `the web server has not seen ${hqPublic}:\n${wpc.internetLog()}`);
      return `the web server sees ${hqPublic}`;
    });
    await step('IG-18', 'the answer goes from the router to the connector', async () => {
      const lan = await at.connectorLan.find(isSynAck);
      expect(lan?.destination === source, `on lan0 the destination is ${lan?.destination ?? 'unseen'}`);
      return `SYN-ACK ${lan.source} > ${lan.destination} on lan0`;
    });
    await step('IG-19', 'the connector translates back', async () => {
      const back = await at.tunnel.find(isSynAck);
      expect(back?.destination === bobAddress, `on ${connectorDevice} the destination is ${back?.destination ?? 'unseen'}`);
      return `SYN-ACK ${back.source} > ${back.destination} by ${connectorDevice}`;
    });
  }

  await step('IG-20', 'the answer reaches the WPC', async () => {
    expect((await at.gatewayOut.find(isSynAck)) !== undefined, `no SYN-ACK came in by ${lanes.hq}`);
    return `SYN-ACK in by ${lanes.hq}`;
  });

  await step('IG-21', 'Bob has his page, which says that he comes from HQ; his own uplink saw nothing of it', async () => {
    expect((await at.bob.find(isSynAck)) !== undefined, `no SYN-ACK reached ${clientDevice}`);
    expect(
      request.code === 0 && request.stdout.includes(`you come from ${hqPublic}`),
      `curl: exit ${request.code} ${request.stderr.trim()} ${request.stdout.trim()}`,
    );
    expect((await at.bobUplink.find(isSyn, 0)) === undefined, "the SYN left by Bob's own uplink");
    return `"${request.stdout.trim()}"`;
  });
}
