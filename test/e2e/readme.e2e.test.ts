/** The README's first network in five minutes: every command block is run as it is printed, on the hosts that it is meant for. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import { outputOf } from '../../src/lab/output-of.ts';
import { startWebPage } from '../../src/lab/services/start-web-page.ts';
import { buildInternet, connectToInternet } from '../../src/lab/shapes/internet.ts';
import { buildPerson } from '../../src/lab/shapes/person.ts';
import { buildSite, headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';

const root = join(import.meta.dirname, '..', '..');

/** The command blocks of the section, in order. The machine that the README calls 203.0.113.2 has that address in the lab. */
function commandBlocks(): string[] {
  const section =
    readFileSync(join(root, 'README.md'), 'utf8').split('\n## The first network in five minutes\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands = '']) => commands);
}

test('the first network of the README works as printed', async () => {
  const [start, network, status, person, connect, ...more] = commandBlocks();
  assert.ok(start && network && status && person && connect && more.length === 0, 'the README has other blocks than this test');
  await using world = await World.create();
  const internet = await buildInternet(world);
  // A machine of its own, since the README uses the default data directory.
  const server = await world.machine('region');
  await connectToInternet(world, internet, server, '203.0.113.');
  const [hq, bob] = await Promise.all([
    buildSite(world, internet, headquarters),
    buildPerson(world, internet, 'bob', '192.0.2.'),
  ]);
  await startWebPage(hq.server, 'HR application');

  const up = server.start(['sh', '-c', `cd '${root}' && ${start}`]);
  const said = outputOf(up);
  await awaitCondition(
    'the ready line',
    () => {
      if (up.exitCode !== null) throw new Error(`up ended with ${up.exitCode}: ${said()}`);
      return /^ready https:\/\/203\.0\.113\.2:443$/m.test(said()) ? true : undefined;
    },
    { withinMs: 60_000, everyMs: 50 },
  );

  const administrator = (block: string): Promise<string> =>
    server.must(['sh', '-s'], { input: [`set -eu; cd '${root}'; export HOME=/root`, block].join('\n') });
  const line = (await administrator(network)).trim().split('\n').at(-1) ?? '';
  assert.match(line, /^curl .*\| sh -s -- [0-9a-f]+$/);

  const installer = outputOf(hq.connector.start(['sh', '-c', `${line} --foreground`]));
  await awaitCondition(
    'status says that the connector is online',
    async () => {
      const shown = await administrator(status);
      if (/hq-1 +ONLINE +100\.96\.0\.100/.test(shown)) return true;
      throw new Error(`${shown}\n${installer()}`);
    },
    { withinMs: 40_000, everyMs: 300 },
  );

  await administrator(person);
  const profile = await server.must(['cat', '/root/bob.ovpn']);
  await bob.computer.must(['sh', '-c', 'umask 077; cat >/root/bob.ovpn'], { input: profile });
  const client = outputOf(bob.computer.start(['sh', '-c', `cd /root && exec ${connect}`]));
  await awaitCondition('Bob has the HR page', async () => {
    const { stdout, stderr } = await bob.computer.run(['curl', '-sS', '--max-time', '2', `http://${headquarters.server}/`]);
    if (!stdout.includes('HR application')) throw new Error(`${stderr.trim()}\n${client().slice(-500)}`);
    return true;
  });
});
