/**
 * 100 real clients after a restart of the gateway with everything else on its machine, until every one is connected again: ended in order and
 * started at once, as by an upgrade, and killed without a word, as by a power failure. Clients are told of an orderly end; of the other they
 * learn by their own keepalive, after 20 s. The named alternative in the same run is the first time that the same clients connect at
 * once. Needs root. `--json` for programs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Administrator } from '../src/lab/administrator.ts';
import { addDevice, addGroup, addUser, fetchProfile } from '../src/lab/actions/add-person.ts';
import { awaitCondition } from '../src/lab/await-condition.ts';
import type { Host } from '../src/lab/host.ts';
import { mustRun } from '../src/lab/run-program.ts';
import { killAllIn } from '../src/lab/kill-all-in.ts';
import { connectToInternet } from '../src/lab/shapes/internet.ts';
import { World } from '../src/lab/world.ts';
import { figure, progress, report } from './report/figures.ts';
import { buildGround } from './shapes/endpoints.ts';
import { endInstallation, startInstallation } from './shapes/installation.ts';

const clients = 100;
/** As many as a group of the lab allows a user. */
const devicesPerUser = 3;
const rounds = 3;
const patienceMs = 120_000;

async function makeProfiles(administrator: Administrator): Promise<readonly string[]> {
  const group = await addGroup(administrator, 'Crowd');
  const users = Array.from({ length: Math.ceil(clients / devicesPerUser) }, (_, index) => `user${index}`);
  const profiles: string[] = [];
  for (const name of users) {
    const user = await addUser(administrator, name, group.id);
    const count = Math.min(devicesPerUser, clients - profiles.length);
    const names = Array.from({ length: count }, (_, index) => `device${index}`);
    profiles.push(
      ...(await Promise.all(
        names.map(async (device) => fetchProfile(administrator, await addDevice(administrator, user, device))),
      )),
    );
  }
  return profiles;
}

/** Crowd is the clients, on one host without a tun: `connections` says how often each has come to be connected. */
type Crowd = { readonly connections: () => readonly number[] };

function startCrowd(host: Host, directory: string, profiles: readonly string[]): Crowd {
  mkdirSync(directory, { mode: 0o700 });
  const logs = profiles.map((profile, index) => {
    const [file, log] = [join(directory, `${index}.ovpn`), join(directory, `${index}.log`)];
    writeFileSync(file, profile, { mode: 0o600 });
    host.start(['openvpn', '--config', file, '--dev', 'null', '--ifconfig-noexec', '--route-noexec', '--log', log]);
    return log;
  });
  return { connections: () => logs.map((log) => timesConnected(log)) };
}

function timesConnected(log: string): number {
  try {
    return readFileSync(log, 'utf8').split('Initialization Sequence Completed').length - 1;
  } catch {
    return 0;
  }
}

/** awaitAll waits until each has been connected once more than before, and gives the clock's milliseconds. */
async function awaitAll(crowd: Crowd, before: readonly number[]): Promise<number> {
  return awaitCondition(
    `all of ${clients} clients are connected`,
    () => {
      const waiting = crowd.connections().filter((times, index) => times <= (before[index] ?? 0)).length;
      if (waiting > 0) throw new Error(`${waiting} are not`);
      return Date.now();
    },
    { withinMs: patienceMs, everyMs: 50 },
  );
}

/** killEverything resolves when nothing is left, not even a process that nobody has asked how it ended: PostgreSQL would take it for a live one. */
async function killEverything({ namespace }: Host): Promise<void> {
  const pids = (await mustRun(['ip', 'netns', 'pids', namespace])).split('\n').filter((pid) => pid !== '');
  await killAllIn(namespace);
  await awaitCondition('all of it is gone', () => (pids.some((pid) => existsSync(`/proc/${pid}`)) ? undefined : true), {
    everyMs: 10,
  });
}

async function main(): Promise<void> {
  progress(`building an installation, and ${clients} profiles ...`);
  await using world = await World.create();
  const { region, internet, administrator } = await buildGround(world);
  const host = await world.host('crowd');
  await connectToInternet(world, internet, host, '198.19.5.');
  const profiles = await makeProfiles(administrator);
  const startedAt = Date.now();
  const crowd = startCrowd(host, join(world.directory, 'crowd'), profiles);
  const first = (await awaitAll(crowd, [])) - startedAt;
  progress(`connected for the first time after ${first} ms`);

  let running = region.process;
  const times = {
    orderly: { outage: [] as number[], ready: [] as number[] },
    killed: { outage: [] as number[], ready: [] as number[] },
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const how of ['orderly', 'killed'] as const) {
      const before = crowd.connections();
      const endedAt = Date.now();
      if (how === 'orderly') await endInstallation(running);
      else await killEverything(region.host);
      running = (await startInstallation(region.host, region.address, region.dataDirectory)).process;
      const readyAt = Date.now();
      const backAt = await awaitAll(crowd, before);
      times[how].outage.push(backAt - endedAt);
      times[how].ready.push(backAt - readyAt);
      progress(`round ${round + 1}, ${how}: all back ${backAt - endedAt} ms after the end, ${backAt - readyAt} ms after ready`);
    }
  }
  report('restart-storm', [
    figure(`ended in order: from ready until the last of ${clients} is back`, 'ms', times.orderly.ready),
    figure('  from the beginning of the end', 'ms', times.orderly.outage),
    figure(`killed: from ready until the last of ${clients} is back`, 'ms', times.killed.ready),
    figure('  from the kill', 'ms', times.killed.outage),
    figure('the same clients for the first time (the alternative)', 'ms', [first]),
  ]);
}

await main();
