/** docs/examples/remote-access.sh does with curl, the API and stock openvpn what the documentation says that it does. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { apiCredential } from '../../src/contract/cli/api-credential.ts';
import { outputOf } from '../../src/lab/output-of.ts';
import { startWebPage } from '../../src/lab/services/start-web-page.ts';
import { buildInternet } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import { buildRegion, causeway } from '../../src/lab/shapes/region.ts';
import { buildSite, headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';

const script = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'remote-access.sh');

test('the walk-through of the documentation leads Bob to the HR page', async () => {
  await using world = await World.create();
  const internet = await buildInternet(world);
  const [region, hq, bob] = await Promise.all([
    buildRegion(world, internet),
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  await startWebPage(hq.server, 'HR application');
  const created = await region.host.must(
    causeway('api-credential', 'create', '--name', 'walk-through', '--data', region.dataDirectory, '--json'),
  );
  const credential = apiCredential.parse(JSON.parse(created));
  cpSync(script, join(world.directory, 'remote-access.sh'));
  const administrator = await world.machine('administrator');
  await world.cable(
    { host: administrator, device: 'wan0', addresses: ['198.19.0.2/24'] },
    { host: internet.router, device: 'admin0', addresses: ['198.19.0.1/24'] },
  );
  await administrator.ip('route add default via 198.19.0.1');
  // Secrets by standard input and not as arguments, as everywhere.
  const environment = [
    `export CAUSEWAY_URL=${region.url} CAUSEWAY_CA=${join(region.dataDirectory, 'ca.crt')}`,
    `export CLIENT_ID=${credential.client_id} CLIENT_SECRET=${credential.client_secret}`,
  ];
  const copy = join(world.directory, 'remote-access.sh');
  await region.explain(administrator.must(['sh', '-s'], { input: [...environment, 'cd /root', `sh ${copy} setup`].join('\n') }));
  for (const [machine, role, profile] of [
    [hq.connector, 'connector', 'hq.ovpn'],
    [bob.computer, 'client', 'bob.ovpn'],
  ] as const) {
    const text = await administrator.must(['cat', `/root/${profile}`]);
    await machine.must(['sh', '-c', `umask 077; cat >/root/${profile}`], { input: text });
    const running = outputOf(machine.start(['sh', copy, role, `/root/${profile}`]));
    await awaitCondition(`${role} is connected`, () => {
      if (running().includes('Initialization Sequence Completed')) return true;
      throw new Error(running().slice(-500));
    });
  }
  await awaitCondition('Bob has the HR page', async () => {
    const { stdout, stderr } = await bob.computer.run(['curl', '-sS', '--max-time', '2', `http://${headquarters.server}/`]);
    if (!stdout.includes('HR application')) throw new Error(stderr.trim());
    return true;
  });
});
