/**
 * Idle memory of a working installation (design.md 12): controller, signer, gateway agent, supervisor and database together at most
 * 300 MB, 2 MB for each lane, 15 MB for a connector (agent and openvpn). The named alternative is a bare Node process, measured in the
 * same way in the same run: what one of our four costs at the least. Sampled for some time, since garbage is collected now and then.
 * Needs root. `--json` for programs.
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitPage, buildConnectedWpc } from '../src/lab/shapes/connected-wpc.ts';
import { mustRun } from '../src/lab/run-program.ts';
import { World } from '../src/lab/world.ts';
import { marginalOf, memoryOf, ownMemoryOf, proportionalMemoryOf } from './measure/memory.ts';
import type { Process } from './measure/processes.ts';
import { processTable, treeOf } from './measure/processes.ts';
import type { Budget, Figure } from './report/figures.ts';
import { figure, median, progress, report } from './report/figures.ts';
import { endInstallation, startInstallation } from './shapes/installation.ts';

const samples = 10;
const everyMs = 2_000;

type Group = { readonly name: string; readonly pids: readonly number[]; readonly budget: Budget | null };

/** What the supervisor starts is known by its program. */
const parts: Readonly<Record<string, RegExp>> = {
  supervisor: /src\/supervisor\/main\.ts/,
  controller: /src\/controller\/main\.ts/,
  signer: /src\/controller\/signer\/main\.ts/,
  'gateway agent': /src\/gateway\/main\.ts/,
  database: /postgres/,
};

function groupsOf(product: readonly Process[], connector: readonly Process[]): Group[] {
  const pids = (fits: (process: Process) => boolean, among = product) => among.filter(fits).map(({ pid }) => pid);
  const part = (name: string, pattern: RegExp): Group => {
    const found = pids(({ name: program, command }) => program !== 'openvpn' && pattern.test(command));
    if (found.length === 0) throw new Error(`no process of the ${name} runs`);
    return { name: `  ${name}`, pids: found, budget: null };
  };
  const each = Object.entries(parts).map(([name, pattern]) => part(name, pattern));
  const lanes = pids(({ name }) => name === 'openvpn');
  // Without what is the lab's: the holder of the machine's namespaces, and the shell in which the install line was pasted.
  const own = connector.filter(
    ({ name, command }) => !/^(?:unshare|nsenter)$/.test(name) && !/^(?:sh -c |sleep 3600)/.test(command),
  );
  return [
    {
      name: 'controller, signer, agent, supervisor, database',
      pids: each.flatMap((group) => group.pids),
      budget: { atMost: 300 },
    },
    ...each,
    { name: `lanes (${lanes.length})`, pids: lanes, budget: null },
    { name: 'connector, agent and openvpn', pids: own.map(({ pid }) => pid), budget: { atMost: 15 } },
    { name: '  its openvpn', pids: pids(({ name }) => name === 'openvpn', own), budget: null },
  ];
}

async function processesIn(namespace: string): Promise<Process[]> {
  const inside = new Set((await mustRun(['ip', 'netns', 'pids', namespace])).split('\n').map(Number));
  return processTable().filter(({ pid }) => inside.has(pid));
}

async function main(): Promise<void> {
  progress('building a working installation ...');
  await using world = await World.create();
  const wpc = await buildConnectedWpc(world);
  // Nearly every start finds the modules compiled by an earlier one; a first start keeps the compiler of types in memory.
  await endInstallation(wpc.region.process);
  const { process: product } = await startInstallation(wpc.region.host, wpc.region.address, wpc.region.dataDirectory);
  await awaitPage(wpc, 60_000);
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  try {
    const runs = new Map<string, { unit: string; budget: Budget | null; values: number[] }>();
    const add = (name: string, budget: Budget | null, value: number) => {
      const run = runs.get(name) ?? { unit: 'MB', budget, values: [] };
      run.values.push(value);
      runs.set(name, run);
    };
    progress('measuring ...');
    for (let sample = 0; sample < samples; sample += 1) {
      await delay(everyMs);
      const groups = groupsOf(treeOf(product.pid ?? 0, processTable()), await processesIn(wpc.hq.connector.namespace));
      for (const { name, pids, budget } of groups) {
        add(name, budget, memoryOf(pids));
        if (name.startsWith('connector')) add('  of it no pages of programs and libraries', null, ownMemoryOf(pids));
        if (name.startsWith('lanes')) add('  each further lane', { atMost: 2 }, median(marginalOf(pids)));
      }
      const [together] = groups;
      if (together !== undefined)
        add("the five by the kernel's PSS, shared with whatever runs", null, proportionalMemoryOf(together.pids));
      add('bare Node process (the alternative)', null, memoryOf([bare.pid ?? 0]));
    }
    report(
      'memory',
      [...runs].map(([name, { unit, values, budget }]): Figure => figure(name, unit, values, budget)),
    );
  } finally {
    bare.kill('SIGKILL');
  }
}

await main();
