/** The lab behind `causeway lab`: reads its options, runs scenarios one after the other, prints steps as they happen. */
import { once } from 'node:events';
import { labOptions } from '../contract/cli/lab-options.ts';
import type { LabResult } from '../contract/cli/lab-result.ts';
import { conformanceFaults } from './conformance/catalogue.ts';
import { conformanceSummary, faultList, rowText } from './conformance/conformance-text.ts';
import { isRound } from './conformance/rounds.ts';
import { runConformance } from './conformance/run-conformance.ts';
import { scenarioList, stepText } from './result-text.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { highAvailability } from './scenarios/high-availability.ts';
import { internetGateway } from './scenarios/internet-gateway.ts';
import { siteToSite } from './scenarios/site-to-site.ts';
import { remoteAccess } from './scenarios/remote-access.ts';
import type { World } from './world.ts';

const scenarios: readonly Scenario[] = [remoteAccess, internetGateway, siteToSite, highAvailability];

const needsRoot = 'error: the lab makes network namespaces: run it as root.';

const options = labOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
if (options.action === 'list') {
  const listed = scenarios.map(({ name, summary, options: variants, faults }) => ({ name, summary, options: variants, faults }));
  const pack = `conformance  the tracer on every fault of the catalogue\n${faultList(conformanceFaults)}`;
  console.log(options.json ? JSON.stringify(listed) : `${scenarioList(scenarios)}\n${pack}`);
} else if (options.action === 'conformance') {
  process.exitCode = await tryTracer(options);
} else {
  process.exitCode = await run(options);
}

type RunOptions = Extract<typeof options, { action: 'run' }>;

async function run({ scenario: name, option, faults, keep, json }: RunOptions): Promise<number> {
  const chosen = scenarios.filter((scenario) => name === null || scenario.name === name);
  const usage = usageProblem(chosen, name, option, faults);
  if (usage !== undefined) {
    console.error(`error: ${usage}`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error(needsRoot);
    return 4;
  }
  const results: LabResult[] = [];
  for (const scenario of chosen) {
    const variant = option ?? Object.keys(scenario.options)[0] ?? '';
    if (!json) console.log(`${scenario.name}, ${variant}${faults.length === 0 ? '' : `, with ${faults.join(', ')}`}`);
    results.push(
      await runScenario(
        scenario,
        { option: variant, faults },
        {
          onStep: (step) => {
            if (!json) console.log(stepText(step));
          },
          onProgress: (text) => console.error(text),
          beforeRemoval: async (world) => {
            if (keep) await waitForPerson(world);
          },
        },
      ),
    );
  }
  const passed = results.every((result) => result.passed);
  if (json) console.log(JSON.stringify(results.length === 1 ? results[0] : results));
  else console.log(passed ? 'passed: every step was seen.' : 'failed: see the last step.');
  return passed ? 0 : 1;
}

async function tryTracer({ faults, seed, json }: Extract<typeof options, { action: 'conformance' }>): Promise<number> {
  const unknown = faults.find((name) => !isRound(name));
  if (unknown !== undefined) {
    const reason = unknown.includes('+') ? 'are no two faults that can stand together' : 'is no fault';
    console.error(`error: ${unknown} ${reason}; there are: ${[...conformanceFaults.keys()].join(', ')}.`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error(needsRoot);
    return 4;
  }
  const result = await runConformance(
    { faults, seed },
    {
      onProgress: (text) => console.error(text),
      onRow: (_name, row) => {
        if (!json) console.log(rowText(row));
      },
    },
  );
  console.log(json ? JSON.stringify(result) : conformanceSummary(result));
  return result.passed ? 0 : 1;
}

function usageProblem(
  chosen: readonly Scenario[],
  name: string | null,
  option: string | null,
  faults: readonly string[],
): string | undefined {
  const [scenario] = chosen;
  if (scenario === undefined) return `there is no scenario ${name}; there are: ${scenarios.map((each) => each.name).join(', ')}.`;
  if (option !== null && !(option in scenario.options)) {
    return `${scenario.name} has no option ${option}; it has: ${Object.keys(scenario.options).join(', ')}.`;
  }
  const unknown = faults.find((code) => !(code in scenario.faults));
  if (unknown !== undefined) {
    return `${scenario.name} cannot inject ${unknown}; it can: ${Object.keys(scenario.faults).join(', ')}.`;
  }
  return undefined;
}

async function waitForPerson(world: World): Promise<void> {
  const width = Math.max(...[...world.hosts.keys()].map((name) => name.length));
  console.error('\nEverything goes on running. A shell on each host:');
  for (const [name, host] of world.hosts) console.error(`  ${name.padEnd(width)}  ${host.shell}`);
  console.error('Ctrl-C removes it all.');
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
