import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { Internet } from './internet.ts';
import { buildNatRouter } from './nat-router.ts';

/** Person is somebody at home: a computer behind a router with NAT of its own. */
export type Person = { readonly lan: Host; readonly router: Host; readonly computer: Host };

/** buildPerson gives the home 192.168.178.0/24, a default of common routers that no site of the tutorial uses. */
export async function buildPerson(world: World, internet: Internet, name: string, publicSubnet: `${string}.`): Promise<Person> {
  const lan = await world.switch(`${name}-lan`);
  const router = await buildNatRouter(world, internet, `${name}-router`, {
    publicSubnet,
    lanAddress: '192.168.178.1/24',
    lanPrefix: '192.168.178.0/24',
    lan,
  });
  const computer = await world.machine(name);
  await world.plug({ host: computer, device: 'lan0', addresses: ['192.168.178.20/24'] }, lan);
  await computer.ip('route add default via 192.168.178.1');
  return { lan, router, computer };
}
