import { sql } from 'kysely';
import { networkConnectorRoutes } from '../../src/contract/api/connector.ts';
import { deviceRoutes } from '../../src/contract/api/device.ts';
import { hostRoutes } from '../../src/contract/api/host.ts';
import { invitationRoutes } from '../../src/contract/api/invitation.ts';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { networkDetailsRoutes } from '../../src/contract/api/network-details.ts';
import { siteRouteRoutes } from '../../src/contract/api/site-routes.ts';
import { mailRoutes } from '../../src/contract/api/mail.ts';
import { traceRoutes } from '../../src/contract/api/trace.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import { createApiCredential } from '../../src/controller/api-credential/api-credentials.ts';
import { systemActor } from '../../src/controller/principal.ts';
import { call, nastyNames, reportSession } from '../../src/controller/routes/test-api.ts';
import type { PrefixText } from '../../src/core/ip/prefix.ts';
import { connectorSections } from '../../src/core/trace/testing/connector-sections.ts';
import { endProfileIn } from './end-profile.ts';
import { fillHour } from './hour-of-traffic.ts';
import type { Stage } from './stage.ts';

/** ExampleWpc is what stands in the lists: what people have, and what somebody would put there to break a page. */
export type ExampleWpc = {
  readonly hq: string;
  readonly hqConnector: string;
  readonly branch: string;
  readonly hostile: string;
  readonly trace: string;
  readonly bob: string;
  readonly host: string;
  readonly group: string;
  readonly bobsLaptop: string;
  readonly staff: string;
};

/** The longest name that a page has to bear, of letters without a space. */
export const longName = 'Vladivostok'.repeat(12).slice(0, 128);

/** fillWpc makes it over the API. */
export async function fillWpc({ issuing }: Stage): Promise<ExampleWpc> {
  const { controller } = issuing;
  const hq = await call(controller, networkRoutes.create, {
    body: {
      name: 'HQ Network',
      description: 'Berlin',
      routes: [{ value: '10.0.0.0/18' }, { value: '10.0.64.0/24' }],
      connectors: [{ name: 'hq-1' }],
    },
  });
  await call(controller, networkConnectorRoutes.create, { query: { networkId: hq.id }, body: { name: 'hq-2' } });
  const branch = await call(controller, networkRoutes.create, {
    body: { name: 'Branch', routes: [{ value: '192.168.7.0/24' }], connectors: [{ name: 'branch-1' }] },
  });
  await call(controller, networkDetailsRoutes.change, { id: branch.id, body: { nat: 'routed' } });
  await call(controller, siteRouteRoutes.nameRouter, { id: branch.id, body: { platform: 'mikrotik' } });
  const hostile = await call(controller, networkRoutes.create, {
    body: { name: longName, routes: [{ value: '172.31.0.0/16' }], connectors: [{ name: '<img src=x onerror=alert(1)>' }] },
  });
  for (const name of nastyNames)
    await call(controller, networkRoutes.create, { body: { name, connectors: [{ name: `c ${name}` }] } });
  const bob = await call(controller, userRoutes.create, { body: { username: 'bob', devices: [{ name: 'laptop' }] } });
  const bobsLaptop = bob.devices[0]?.id ?? '';
  await call(controller, deviceRoutes.profile, { id: bobsLaptop });
  await endProfileIn(issuing, bobsLaptop, 12);
  for (const username of [longName.slice(0, 120), '<img src=x onerror=alert(1)>'])
    await call(controller, userRoutes.create, { body: { username, firstName: 'Vladivostok', email: 'someone@example.com' } });
  const db = await call(controller, hostRoutes.create, { body: { name: 'db', connectors: [{ name: 'db' }] } });
  await call(controller, networkRoutes.update, { id: hq.id, body: { egress: true } });
  const staff = await call(controller, userGroupRoutes.create, {
    body: {
      name: 'Staff',
      internetAccess: 'SPLIT_TUNNEL_OFF',
      gatewaysIds: [hq.id],
      tunnelBypass: { ipv4Subnets: ['192.168.178.0/24'] },
    },
  });
  await fillSettings(controller);
  const hqConnector = hq.connectors[0]?.id ?? '';
  await reportSession(issuing, { connector: hqConnector }, { state: 'established' });
  await reportSession(issuing, { device: bobsLaptop, user: bob.id }, { state: 'established' });
  await reportMachine(issuing, hqConnector, hq.connectors[0]?.ipV4Address ?? '', false);
  // What a gateway says counts for some seconds; this one has nobody who says it again.
  const reportedAt = new Date(Date.now() + 86_400_000);
  await fillHour({ issuing }, reportedAt);
  await controller.deps.store.database
    .updateTable('gateway')
    .set({
      reported_at: reportedAt,
      lanes: JSON.stringify([{ id: 'u0', state: 'up', device: 'cw-u0', protocol: 'udp', port: 1194, clients: 2 }]),
    })
    .execute();
  const { id } = await call(controller, traceRoutes.ask, {
    body: { source: 'bob', destination: '10.0.0.20', port: 80, probe: 'never' },
  });
  return {
    hq: hq.id,
    hqConnector,
    branch: branch.id,
    hostile: hostile.id,
    trace: id,
    bob: bob.id,
    host: db.id,
    group: bob.groupId,
    bobsLaptop,
    staff: staff.id,
  };
}

/** fillSettings makes a mail server that nobody is at, mails that wait for it, and credentials. */
async function fillSettings(controller: Stage['issuing']['controller']): Promise<void> {
  await call(controller, mailRoutes.writeSettings, {
    body: {
      host: 'smtp.example.com',
      port: 587,
      security: 'starttls',
      username: 'causeway',
      password: 'secret',
      senderAddress: 'causeway@example.com',
    },
  });
  for (const username of ['carol@example.com', 'dave@example.com'])
    await call(controller, invitationRoutes.createUser, { body: { username, email: username, invite: true } });
  const { content } = await call(controller, mailRoutes.list);
  await controller.deps.store.database
    .updateTable('mail')
    .set({ state: 'failed', settled_at: new Date(), attempts: 1, answer: '550 5.1.1 <b>no such mailbox</b>' })
    .where('id', '=', (content[0]?.id ?? '') as never)
    .execute();
  await createApiCredential(controller.deps.store, systemActor, {
    name: 'terraform',
    permissions: ['all:modify'],
    expiresAt: null,
  });
  await createApiCredential(controller.deps.store, systemActor, {
    name: '<b>monitoring</b>',
    permissions: ['network:read', 'host:read', 'user-group:read'],
    expiresAt: new Date(Date.now() + 86_400_000),
    allowedPrefixes: ['203.0.113.0/24' as PrefixText],
  });
}

/** reportMachine says what a machine of HQ looks like: everything as it should be; whether it forwards is said. */
export async function reportMachine(
  { controller }: Stage['issuing'],
  connector: string,
  tunnelAddress: string,
  forwards: boolean,
): Promise<void> {
  const forwarding = forwards ? 1 : 0;
  const { sections } = connectorSections({
    tunnelAddress,
    lanAddress: '10.0.0.10/18',
    lanSubnet: '10.0.0.0/18',
    router: '10.0.0.1',
    tunnelRoutes: ['100.96.0.0/11', '192.168.7.0/24'],
    masqueraded: ['100.96.0.0/11'],
    sysctls: {
      'net/ipv4/ip_forward': forwarding,
      'net/ipv4/conf/all/forwarding': forwarding,
      'net/ipv4/conf/lan0/forwarding': forwarding,
      'net/ipv4/conf/causeway0/forwarding': forwarding,
    },
  });
  await controller.deps.store.database
    .insertInto('observation')
    .values(
      [...sections].map(([section, { body }]) => ({
        connector_id: sql`${connector}::uuid`,
        section,
        body,
        observed_at: new Date(),
      })),
    )
    .execute();
}
