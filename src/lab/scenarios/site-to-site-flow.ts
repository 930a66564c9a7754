import { z } from 'zod';
import { addNetwork } from '../actions/add-network.ts';
import { staticRoutesOf } from '../actions/static-routes.ts';
import { connectorDevice } from '../actions/install-connector.ts';
import type { Capture, Packet } from '../capture.ts';
import { captureAt, isSyn, isSynAck } from '../capture.ts';
import { macOf, openPage, routeDecision } from '../host-facts.ts';
import type { Stage } from '../scenario.ts';
import { expect } from '../scenario.ts';
import { hrPage, wpcRange } from '../shapes/connected-wpc.ts';
import { branch, computerAddress, headquarters } from '../shapes/site.ts';
import type { ConnectedSites, EndOfSites } from '../shapes/two-sites.ts';
import { financePage } from '../shapes/two-sites.ts';

/** request sends one request from a computer at one site to the server of the other, and captures it at every hop. */
async function request({ region, gateway }: ConnectedSites, from: EndOfSites, to: EndOfSites) {
  const lanes = { from: await gateway.deviceOf(from.plan.server), to: await gateway.deviceOf(to.plan.server) };
  expect(lanes.from !== undefined && lanes.to !== undefined, 'a route is gone from the gateway');
  const captures = await captureAt(`tcp port 80 and host ${to.plan.server}`, {
    computer: [from.computer, 'lan0'],
    fromLan: [from.connector, 'lan0'],
    fromTunnel: [from.connector, connectorDevice],
    gatewayIn: [region.host, lanes.from],
    gatewayOut: [region.host, lanes.to],
    toTunnel: [to.connector, connectorDevice],
    toLan: [to.connector, 'lan0'],
    server: [to.server, 'lan0'],
  });
  return { captures, lanes, answer: await openPage(from.computer, to.plan.server) };
}

/** hqReachesBranch tells SS-17 to SS-28: a computer of HQ opens a page of the Finance server. */
export async function hqReachesBranch({ step }: Stage, sites: ConnectedSites): Promise<void> {
  const { hq, branch: other } = sites;
  const computer = computerAddress.hq;
  const { captures, lanes, answer } = await request(sites, hq, other);
  await using _captures = captures;
  const { at } = captures;

  await step('SS-17', `a computer of HQ opens http://${branch.server}/: the packet goes to HQ's router`, async () => {
    const syn = await at.computer.find(isSyn);
    expect(syn !== undefined, 'no SYN left the computer');
    expect(syn.macDestination === (await macOf(hq.router, 'lan0')), `the SYN went to ${syn.macDestination}, not to the router`);
    return `SYN ${syn.source} > ${syn.destination} handed to the router`;
  });

  await step('SS-18', "HQ's router does not lose it", async () => {
    const arrived = await at.fromLan.find(isSyn);
    const { said } = await routeDecision(hq.router, branch.server);
    expect(
      arrived !== undefined,
      `RTR-NO-ROUTE: HQ's router has no route to ${branch.prefix} ("${said}") and lost the SYN; nothing reached the connector\n` +
        `mend: ip route add ${branch.prefix} via ${headquarters.connector} on hq-router`,
    );
    return `the router sends it on: ${said}`;
  });

  await step('SS-19', `it has a static route for ${branch.prefix} to the connector`, async () => {
    const route = (await hq.router.must(['ip', 'route', 'show', branch.prefix])).trim();
    expect(route.includes(`via ${headquarters.connector}`), `the router's route is "${route}"`);
    return route;
  });

  await step('SS-20', "the connector gets the packet from its LAN, with the computer's own address", () =>
    expectSource(at.fromLan, computer),
  );

  await step('SS-21', 'and sends it into the tunnel as it is', async () => {
    const syn = await at.fromTunnel.find(isSyn);
    expect(syn !== undefined, `the SYN did not leave by ${connectorDevice}`);
    expect(
      syn.source === computer,
      `NAT-TOO-WIDE: the connector put ${syn.source} in place of ${computer} although the packet enters the tunnel\n` +
        `mend: leave out of the rule what goes out by ${connectorDevice}: nft list ruleset on hq-connector`,
    );
    return `SYN ${syn.source} > ${syn.destination} by ${connectorDevice}`;
  });

  await step('SS-22', "the WPC routes it to Branch's connector", async () => {
    const [entered, left] = [await at.gatewayIn.find(isSyn), await at.gatewayOut.find(isSyn)];
    expect(entered !== undefined, `the SYN did not reach the gateway's ${lanes.from}`);
    expect(left !== undefined, `the SYN entered the gateway by ${lanes.from} and did not leave by ${lanes.to}`);
    return `in by ${lanes.from}, out by ${lanes.to}, TTL ${entered.ttl} > ${left.ttl}`;
  });

  await step('SS-23', "Branch's connector forwards it to the Finance server", async () => {
    const arrived = await at.toTunnel.find(isSyn);
    expect(arrived !== undefined, `the SYN did not reach ${connectorDevice} on Branch's connector`);
    return expectSource(at.toLan, computer);
  });

  await step('SS-24', 'the Finance server answers, by its router', async () => {
    const reply = await at.server.find(isSynAck);
    expect(reply !== undefined, 'the Finance server sent no SYN-ACK');
    expect(
      reply.macDestination === (await macOf(other.router, 'lan0')),
      `the SYN-ACK went to ${reply.macDestination}, not to the router`,
    );
    return `SYN-ACK to ${reply.destination} handed to the router`;
  });

  await step('SS-25', "Branch's router sends the answer to the connector", async () => {
    const reply = await at.toLan.find(isSynAck);
    const { said } = await routeDecision(other.router, computer);
    expect(
      reply !== undefined,
      `SITE-ROUTE-ONE-WAY: Branch's router has ${wpcRange} and no route to ${headquarters.prefix} ("${said}"), and lost the SYN-ACK for ${computer}\n` +
        `mend: ip route add ${headquarters.prefix} via ${branch.connector} on branch-router`,
    );
    return `the router sends it on: ${said}`;
  });

  await step('SS-26', "Branch's connector sends it into the tunnel as it is", () =>
    expectReply(at.toTunnel, ({ source }) => source === branch.server, `by ${connectorDevice}`),
  );

  await step('SS-27', "the WPC routes it to HQ's connector", () =>
    expectReply(at.gatewayIn, ({ destination }) => destination === computer, `out by ${lanes.from}`),
  );

  await step('SS-28', "the computer has its page, and the Finance server saw the computer's own address", async () => {
    await expectReply(at.fromLan, ({ destination }) => destination === computer, 'by lan0');
    expect(answer.code === 0 && answer.stdout.includes(financePage), `curl: exit ${answer.code} ${answer.stderr.trim()}`);
    expect(other.log().includes(`client ${computer}`), `the Finance server's log has no ${computer}:\n${other.log()}`);
    return `"${answer.stdout.trim()}"; the Finance server's log: client ${computer}`;
  });
}

/** branchReachesHq tells SS-29 and SS-30: the other way round. */
export async function branchReachesHq({ step }: Stage, sites: ConnectedSites): Promise<void> {
  const { hq, branch: other } = sites;
  const computer = computerAddress.branch;
  const { captures, answer } = await request(sites, other, hq);
  await using _captures = captures;
  const { at } = captures;

  await step(
    'SS-29',
    `a computer of Branch opens http://${headquarters.server}/: the packet goes to Branch's router`,
    async () => {
      const syn = await at.computer.find(isSyn);
      expect(
        syn?.macDestination === (await macOf(other.router, 'lan0')),
        `the SYN went to ${syn?.macDestination ?? 'nobody'}, not to the router`,
      );
      return `SYN ${syn.source} > ${syn.destination} handed to the router`;
    },
  );

  await step('SS-30', "Branch's router has a route to HQ, and the HR server sees the computer's own address", async () => {
    const { said } = await routeDecision(other.router, headquarters.server);
    expect(
      (await at.fromLan.find(isSyn)) !== undefined,
      `SITE-ROUTE-ONE-WAY: Branch's router has no route to ${headquarters.prefix} ("${said}")\n` +
        `mend: ip route add ${headquarters.prefix} via ${branch.connector} on branch-router`,
    );
    await expectSource(at.server, computer);
    expect(answer.code === 0 && answer.stdout.includes(hrPage), `curl: exit ${answer.code} ${answer.stderr.trim()}`);
    return `${said}; "${answer.stdout.trim()}"; the HR server saw ${computer}`;
  });
}

async function expectSource(capture: Capture, source: string): Promise<string> {
  const syn = await capture.find(isSyn);
  expect(syn !== undefined, `no SYN on ${capture.where}`);
  expect(syn.source === source, `the source is ${syn.source} on ${capture.where}, not ${source}`);
  return `SYN ${syn.source} > ${syn.destination} on ${capture.where}`;
}

async function expectReply(capture: Capture, fits: (packet: Packet) => boolean, way: string): Promise<string> {
  const reply = await capture.find((packet) => isSynAck(packet) && fits(packet));
  expect(reply !== undefined, `no SYN-ACK went ${way} (${capture.where})`);
  return `SYN-ACK ${reply.source} > ${reply.destination} ${way}`;
}

/** aThirdSiteIsAdded tells what SS-30 leaves open: every existing site is told which route to add, and to take away. */
export async function aThirdSiteIsAdded({ step }: Stage, { administrator, networks }: ConnectedSites): Promise<void> {
  const toldTo = async (network: string): Promise<boolean> =>
    (await staticRoutesOf(administrator, network)).some(({ destination }) => destination === thirdPrefix);
  const both = async (): Promise<readonly boolean[]> => [await toldTo(networks.hq.id), await toldTo(networks.branch.id)];
  await step('SS-X1', 'a third site is added and removed: the API tells both sites which route their routers need', async () => {
    const third = await addNetwork(administrator, 'Warehouse', thirdPrefix, 'warehouse-1');
    const after = await both();
    expect(after.every(Boolean), `of HQ and Branch, ${after.join(', ')} are told of ${thirdPrefix}`);
    await administrator.must(z.unknown(), 'DELETE', `/api/v1/networks/${third.id}`);
    expect(!(await both()).some(Boolean), `a site is still told of ${thirdPrefix}, which is gone`);
    return `while Warehouse was there, static-routes of HQ Network and Branch Network had ${thirdPrefix}`;
  });
}

const thirdPrefix = '172.16.0.0/20';
