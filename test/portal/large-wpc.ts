import { sql } from 'kysely';
import { networkRoutes } from '../../src/contract/api/network.ts';
import { userGroupRoutes } from '../../src/contract/api/user-group.ts';
import { userRoutes } from '../../src/contract/api/user.ts';
import type { GatewayId } from '../../src/core/ids.ts';
import { call, reportSession } from '../../src/controller/routes/test-api.ts';
import { systemActor } from '../../src/controller/principal.ts';
import { inModelTransaction } from '../../src/controller/store/model-transaction.ts';
import type { Stage } from './stage.ts';

const groups = ['Staff', 'Engineering', 'Finance', 'Sales', 'Support', 'Operations', 'Legal', 'Field', 'Partners', 'Auditors'];
const cities = ['Berlin', 'Hamburg', 'Munich', 'Boston', 'Denver', 'Austin', 'Mumbai', 'Pune', 'Chennai', 'Vienna'];
const kinds = ['office', 'warehouse', 'plant', 'cloud'];
const regions = ['eu-central-1', 'us-east-1', 'ap-south-1'] as const;

/**
 * fillLargeWpc makes three gateways, ten groups (and the two that are always there) and `networks` networks, most of them up, with two ways to
 * the internet. What gateways say counts for a day: nobody says it again.
 */
export async function fillLargeWpc({ issuing }: Stage, networks: number): Promise<void> {
  const { controller } = issuing;
  const { store } = controller.deps;
  const gateways = [issuing.gateway, await addGateway(issuing, regions[1]), await addGateway(issuing, regions[2])] as const;
  const lane = { id: 'u0', state: 'up', device: 'cw-u0', protocol: 'udp', port: 1194, clients: 3 };
  await store.database
    .updateTable('gateway')
    .set({ reported_at: new Date(Date.now() + 86_400_000), lanes: JSON.stringify([lane, { ...lane, id: 'u1', port: 1195 }]) })
    .execute();
  for (const [number, name] of groups.entries()) {
    const group = await call(controller, userGroupRoutes.create, {
      body: { name, internetAccess: number % 4 === 1 ? 'SPLIT_TUNNEL_OFF' : 'SPLIT_TUNNEL_ON' },
    });
    for (let person = 0; person < 1 + (number % 3); person += 1) {
      const user = await call(controller, userRoutes.create, {
        body: { username: `${name.toLowerCase()}-${String(person)}`, groupId: group.id, devices: [{ name: 'laptop' }] },
      });
      const gateway = gateways[(number + person) % 3] ?? issuing.gateway;
      if (number % 5 !== 4)
        await reportSession(
          { ...issuing, gateway },
          { device: user.devices[0]?.id ?? '', user: user.id },
          { state: 'established' },
        );
    }
  }
  const exits: string[] = [];
  const since = new Date().toISOString();
  const carried: {
    readonly pool: string;
    readonly owners: readonly string[];
    readonly reason: string;
    readonly since: string;
  }[] = [];
  for (let number = 0; number < networks; number += 1) {
    const region = number % 10 < 6 ? 0 : number % 10 < 9 ? 1 : 2;
    const name = `${cities[number % cities.length] ?? ''} ${kinds[Math.floor(number / cities.length)] ?? String(number)}`;
    const made = await call(controller, networkRoutes.create, {
      body: {
        name,
        egress: number % 17 === 3,
        routes: [{ value: `10.${String(number)}.0.0/16` }],
        connectors: ['a', 'b']
          .slice(0, 1 + (number % 2))
          .map((end) => ({ name: `${name} ${end}`, vpnRegionId: regions[region] })),
      },
    });
    for (const [index, connector] of made.connectors.entries()) {
      const isDown = number % 13 === 7 || (number % 11 === 5 && index === 1);
      const gateway = gateways[region] ?? issuing.gateway;
      if (!isDown) await reportSession({ ...issuing, gateway }, { connector: connector.id }, { state: 'established' });
    }
    const [first] = made.connectors;
    if (first !== undefined && number % 13 !== 7)
      carried.push({ pool: `network:${made.id}`, owners: [first.id], reason: 'it is the first', since });
    if (number % 17 === 3) exits.push(made.connectors[0]?.id ?? '');
  }
  const classes = await store.database.selectFrom('egress_class').select('number').execute();
  const exit = { owners: exits.slice(0, 1), reason: 'it is the nearest', since };
  const pools = [...carried, ...classes.map(({ number }) => ({ pool: `egress:e${String(number)}`, ...exit }))];
  await store.database
    .updateTable('gateway')
    .set({ pools: JSON.stringify(pools) })
    .where('id', '=', issuing.gateway)
    .execute();
}

async function addGateway({ controller }: Stage['issuing'], region: string): Promise<GatewayId> {
  return await inModelTransaction(controller.deps.store, systemActor, async ({ trx, record }) => {
    const { id } = await trx
      .insertInto('gateway')
      .values({ name: region, region: sql`${region}`, user_lanes: 2, reported_at: new Date() })
      .returning('id')
      .executeTakeFirstOrThrow();
    record({ entity: 'gateway', entityId: id, action: 'created' });
    return id;
  });
}
