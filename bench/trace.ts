/**
 * Tracing at full size (design.md 12): one trace of what is known, no packet sent (budget 1 ms); all pairs of 1,000 groups and 1,000 services
 * (5 s); the doctor over 200 networks; and the memory that the input of each takes. The named alternative is one JSON round trip of the answer
 * of a trace, which whoever shows it pays anyway.
 */
import type { Service } from '../src/core/trace/compare.ts';
import { verdictsOf } from '../src/core/trace/compare.ts';
import { checkFlow } from '../src/core/trace/check-flow.ts';
import { examine } from '../src/core/trace/examine.ts';
import { exampleAddress } from '../src/core/trace/example-address.ts';
import { largeInput } from '../src/core/trace/testing/large-wpc.ts';
import { bob, flow, hrServer, tutorialInput } from '../src/core/trace/testing/tutorial-wpc.ts';

type Figure = { readonly name: string; readonly value: number; readonly unit: string; readonly budget: number | null };
const figures: Figure[] = [];

const input = tutorialInput();
const question = flow(bob, hrServer);
for (let run = 0; run < 2000; run += 1) checkFlow(input, question);
const each_ms = median(25, () => repeated(200, () => checkFlow(input, question)));
const answer = checkFlow(input, question);
const trip_ms = median(25, () => repeated(200, () => JSON.parse(JSON.stringify(answer))));
figures.push(
  { name: 'one trace, there and back', value: each_ms, unit: 'ms', budget: 1 },
  { name: 'JSON round trip of its answer (the alternative)', value: trip_ms, unit: 'ms', budget: null },
  { name: 'traces a second, one core', value: Math.round(1000 / each_ms), unit: '', budget: null },
);

const before = usedMb();
const pairs = largeInput({ networks: 1000, groups: 1000 });
const services = pairs.model.networks.flatMap((network): Service[] => {
  const address = exampleAddress(pairs, network)?.address;
  return address === undefined
    ? []
    : [{ object: { kind: 'network', id: network.id, label: network.name }, address, protocol: 'tcp', port: 443 }];
});
const begin = performance.now();
const table = verdictsOf(pairs, services);
const pairs_s = (performance.now() - begin) / 1000;
const works = table.groups.reduce(
  (sum, _, row) => sum + services.filter((__, column) => table.verdict(row, column) === 'works').length,
  0,
);
if (works !== table.groups.length * services.length) throw new Error(`${String(works)} pairs work; all should`);
figures.push(
  {
    name: `all pairs, ${String(table.groups.length)} groups x ${String(services.length)} services`,
    value: pairs_s,
    unit: 's',
    budget: 5,
  },
  { name: 'memory with the input of 1,000 networks', value: usedMb() - before, unit: 'MB', budget: null },
);

const doctor = largeInput({ networks: 200, groups: 20 });
const examined = performance.now();
const found = examine(doctor);
figures.push({
  name: `doctor over 200 networks (${String(found.length)} findings)`,
  value: (performance.now() - examined) / 1000,
  unit: 's',
  budget: null,
});

if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'trace', figures }));
else
  for (const { name, value, unit, budget } of figures)
    console.log(
      `${name.padEnd(55)} ${value.toFixed(3).padStart(10)} ${unit.padEnd(3)} ${budget === null ? '' : `budget ${String(budget)} ${unit}`}`,
    );

function repeated(times: number, run: () => unknown): number {
  const start = performance.now();
  for (let count = 0; count < times; count += 1) run();
  return (performance.now() - start) / times;
}

function median(rounds: number, measure: () => number): number {
  const sorted = Array.from({ length: rounds }, measure).toSorted((a, b) => a - b);
  return sorted[Math.floor(rounds / 2)] ?? Number.NaN;
}

function usedMb(): number {
  return process.memoryUsage().heapUsed / 2 ** 20;
}
