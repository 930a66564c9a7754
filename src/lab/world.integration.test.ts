import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { captureOn } from './capture.ts';
import { runProgram } from './run-program.ts';
import { buildInternet, internetServiceAddress } from './shapes/internet.ts';
import { buildPerson } from './shapes/person.ts';
import { runsDirectory, sweepDeadRuns } from './sweep.ts';
import { World } from './world.ts';

const namespacesOf = async (id: string) =>
  (await runProgram(['ip', 'netns', 'list'])).stdout.split('\n').filter((line) => line.startsWith(`cwlab-${id}-`));

describe('World', () => {
  test('hosts exchange packets by the way that was built, and nothing is left', async () => {
    let id = '';
    {
      await using world = await World.create();
      id = world.id;
      const internet = await buildInternet(world);
      const bob = await buildPerson(world, internet, 'bob', '192.0.2.');
      const seen = await captureOn(internet.router, 'up1', 'icmp');
      await bob.computer.must(['ping', '-c', '1', '-W', '2', internetServiceAddress]);
      const request = await seen.find((packet) => packet.destination === internetServiceAddress);
      assert.equal(request?.source, '192.0.2.2', "the home's router did not hide Bob behind its own address");
      assert.equal(request.ttl, 63);
    }
    assert.deepEqual(await namespacesOf(id), []);
    assert.ok(!existsSync(join(runsDirectory, id)));
  });

  test('what is installed on a machine does not touch the real one', async () => {
    await using world = await World.create();
    const machine = await world.machine('box');
    const file = `/etc/causeway-lab-${world.id}`;
    await machine.must(['sh', '-c', `echo changed >${file}`]);
    assert.equal((await machine.must(['cat', file])).trim(), 'changed');
    assert.ok(!existsSync(file));
    assert.match(await machine.must(['ps', '-o', 'pid=', '-p', '1']), /1/);
  });

  test('what a killed run left is swept by the next', async () => {
    const maker = [
      `import { World } from ${JSON.stringify(join(import.meta.dirname, 'world.ts'))};`,
      'const world = await World.create();',
      'await world.machine("left");',
      'console.log(world.id);',
      'await new Promise(() => setInterval(() => {}, 1000));',
    ].join('\n');
    const child = spawn(process.execPath, ['--input-type=module', '--eval', maker], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const id = String(line).trim();
      assert.equal((await namespacesOf(id)).length, 1);
      assert.ok(!(await sweepDeadRuns()).includes(id), 'a living run was swept');
      child.kill('SIGKILL');
      await once(child, 'exit');
      await sweepDeadRuns();
      assert.deepEqual(await namespacesOf(id), []);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
