/**
 * Start: from `./causeway up` to its ready line on a machine that was set up before (design.md 12: at most 3 s), in a namespace of its own.
 * The named alternatives in the same run: the first start on an empty data directory, and a bare Node process that prints one line, which
 * is the least that anything written for Node can take. What the launcher brings on a fresh machine (Node, packages) is not in the
 * first start: it depends on the network. Needs root. `--json` for programs.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../src/lab/run-program.ts';
import { buildInternet, connectToInternet } from '../src/lab/shapes/internet.ts';
import { World } from '../src/lab/world.ts';
import { figure, progress, report } from './report/figures.ts';
import { endInstallation, startInstallation } from './shapes/installation.ts';

const rounds = 5;

async function bareNodeMs(): Promise<number> {
  const started = performance.now();
  await mustRun([process.execPath, '-e', 'console.log("ready")']);
  return performance.now() - started;
}

async function main(): Promise<void> {
  await using world = await World.create();
  const internet = await buildInternet(world);
  const host = await world.host('region');
  const address = await connectToInternet(world, internet, host, '203.0.113.');
  const dataDirectory = join(world.directory, 'd');
  mkdirSync(dataDirectory);
  const first = await startInstallation(host, address, dataDirectory);
  progress(`first start: ${first.readyMs.toFixed(0)} ms`);
  const stops = [await endInstallation(first.process)];
  const starts: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const next = await startInstallation(host, address, dataDirectory);
    starts.push(next.readyMs);
    stops.push(await endInstallation(next.process));
    bare.push(await bareNodeMs());
    progress(`start ${round + 2}: ${next.readyMs.toFixed(0)} ms`);
  }
  report('start', [
    figure('up until ready, set up before', 'ms', starts, { atMost: 3000 }),
    figure('first start, empty data directory (an alternative)', 'ms', [first.readyMs]),
    figure('bare Node process (an alternative)', 'ms', bare),
    figure('orderly end', 'ms', stops),
  ]);
}

await main();
