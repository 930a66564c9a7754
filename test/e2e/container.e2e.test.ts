/**
 * The container image: built from its definition on Debian 12, started as compose.yaml says, by a runtime that gives it no right more. People
 * reach HQ through it, also after it was stopped and started, and what its host must set is said when it is not.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { ConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { awaitPage, buildConnectedWpc } from '../../src/lab/shapes/connected-wpc.ts';
import { connectToInternet } from '../../src/lab/shapes/internet.ts';
import { headquarters } from '../../src/lab/shapes/site.ts';
import { World } from '../../src/lab/world.ts';
import { composeArguments } from './compose-service.ts';
import { ContainerEngine } from './container-engine.ts';
import { debianBase } from './debian-tree.ts';

const checkout = join(import.meta.dirname, '..', '..');
const definition = join(checkout, 'packaging', 'container');
const name = 'server';

/** What docs/packages.md has administrators put on the host. */
function hostSettings(): Record<string, string> {
  const lines = readFileSync(join(definition, '90-causeway.conf'), 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^([a-z]\S+) = (\S+)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key.replaceAll('.', '/'), value]];
    }),
  );
}

describe('the container image', () => {
  let world: World;
  let engine: ContainerEngine;
  let wpc: ConnectedWpc;
  let log = '';

  const inside = async (...argv: readonly string[]): Promise<string> => await engine.must('exec', name, ...argv);
  const healthy = async (): Promise<true | undefined> =>
    await inside('/usr/lib/causeway/container/healthcheck').then(
      () => true,
      () => undefined,
    );
  const problems = async (): Promise<readonly string[]> => {
    const text = await inside('sh', '-c', 'causeway status --json || :');
    return (JSON.parse(text) as { problems: { code: string; message: string }[] }).problems.map(
      ({ code, message }) => `${code}: ${message}`,
    );
  };

  before(async () => {
    world = await World.create();
    const host = await world.host('region');
    engine = new ContainerEngine(host, join(world.directory, 'c'));
    const context = join(world.directory, 'context');
    cpSync(definition, context, { recursive: true });
    const packages = ['package', 'deb', '--output', join(context, 'debs')];
    await Promise.all([
      promisify(execFile)(join(checkout, 'causeway'), packages, { maxBuffer: 64 * 1024 * 1024 }),
      debianBase().then((tar) => engine.import(tar, 'docker.io/library/debian:12-slim')),
    ]);
    await engine.build(join(context, 'Containerfile'), context, 'causeway');
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  it('started as compose.yaml says, it carries packets of people to HQ', async () => {
    wpc = await buildConnectedWpc(world, {
      region: async (_world, internet) => {
        const host = world.hosts.get('region') ?? assert.fail('the region is there');
        const address = await connectToInternet(world, internet, host, '203.0.113.');
        await host.sysctl(hostSettings());
        const dataDirectory = join(world.directory, 'd');
        mkdirSync(dataDirectory);
        await engine.volume('causeway', dataDirectory);
        const compose = readFileSync(join(definition, 'compose.yaml'), 'utf8');
        const running = engine.run(name, composeArguments(compose, { hostname: address, device: await engine.tun() }));
        running.stdout.on('data', (chunk) => (log += String(chunk)));
        running.stderr.on('data', (chunk) => (log += String(chunk)));
        const explain = async <Value>(needed: Promise<Value>): Promise<Value> =>
          await needed.catch((error: unknown) => {
            throw new Error(`${String(error)}\n--- container ---\n${log.slice(-4_000)}`);
          });
        const ready = () => {
          if (running.exitCode !== null) throw new Error(`the container ended with ${String(running.exitCode)}`);
          return /^ready (\S+)\s*$/m.exec(log)?.[1];
        };
        const url = await explain(awaitCondition('the ready line of causeway up', ready, { withinMs: 60_000 }));
        return { host, address, dataDirectory, url, log: () => log, explain, process: running };
      },
    });
  });

  it('is healthy, sees no problem, and runs nothing but its supervisor as root', async () => {
    assert.equal(await healthy(), true);
    assert.deepEqual(await problems(), []);
    const processes = (await engine.must('top', name, 'user', 'comm', 'capeff')).trim().split('\n').slice(1);
    const ofRoot = processes.filter((line) => line.startsWith('root'));
    assert.equal(ofRoot.length, 1, ofRoot.join('\n'));
    assert.ok(processes.length > 8, processes.join('\n'));
    assert.doesNotMatch(log, /EROFS|EPERM|EACCES/);
  });

  it('says what its host has to set, and when that was done', async () => {
    const { host } = wpc.region;
    await host.sysctl({ 'net/ipv4/ip_forward': 0 });
    const expected =
      'forwarding-off: cannot be set here: net.ipv4.ip_forward is 0 (EROFS). Where it can (for a container, on its host): sysctl -w net.ipv4.ip_forward=1';
    await awaitCondition('the problem', async () => ((await problems()).includes(expected) ? true : undefined), {
      withinMs: 20_000,
    });
    const trace = await inside('sh', '-c', `causeway trace bob ${headquarters.server} --port 80 || :`);
    assert.match(trace, /^x error +FWD-OFF .*\n +The gateway does not forward packets$/m);
    assert.match(trace, /on the host of the gateway's container\n +sysctl -w net\.ipv4\.ip_forward=1$/m);
    await host.sysctl({ 'net/ipv4/ip_forward': 1 });
    await awaitCondition('that it is mended', async () => ((await problems()).length === 0 ? true : undefined), {
      withinMs: 20_000,
    });
    await awaitPage(wpc);
  });

  it('stopped and started, it has its data, and all are back without help', async (context) => {
    await engine.must('stop', name);
    const startedAt = performance.now();
    await engine.must('start', name);
    await wpc.region.explain(awaitPage(wpc, 90_000));
    context.diagnostic(`started again: the page came after ${String(Math.round(performance.now() - startedAt))} ms`);
    await awaitCondition('it is healthy', healthy, { withinMs: 30_000 });
    assert.match(await inside('causeway', 'network', 'list'), /HQ Network/);
  });
});
