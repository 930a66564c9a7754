/**
 * compile at full size: 1,000 connectors, 5,000 devices, 5,000 prefixes (design.md 12: 100 ms full, 10 ms for one change). The named
 * alternative is one JSON round trip of the same configuration: what any design pays that ships snapshots instead of deltas.
 */
import { compile } from '../src/core/compile.ts';
import { applyDelta, diffConfiguration } from '../src/core/configuration-delta.ts';
import { exampleGateway, exampleWpc } from '../src/core/example-wpc.ts';

const model = exampleWpc({ networks: 1000, prefixesPerNetwork: 5, devices: 5000 });
const changed = { ...model, revision: 2, devices: model.devices.slice(1) };

function median(run: () => unknown): number {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[7] ?? Number.NaN;
}

const before = compile(model, exampleGateway);
const full = median(() => compile(model, exampleGateway));
const one = median(() => diffConfiguration(before, compile(changed, exampleGateway)));
const delta = diffConfiguration(before, compile(changed, exampleGateway));
const applied = median(() => applyDelta(before, delta));
const snapshot = median(() => JSON.parse(JSON.stringify(before)));

const row = (name: string, ms: number, budget: number | null) => ({
  name,
  ms: Number(ms.toFixed(2)),
  budget,
  ratio: Number((ms / snapshot).toFixed(3)),
});
const figures = [
  row('compile full', full, 100),
  row('compile and diff one change', one, 10),
  row('apply one change', applied, 10),
  row('JSON round trip of a snapshot (the alternative)', snapshot, null),
];
if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'compile', figures }));
else
  for (const { name, ms, budget, ratio } of figures)
    console.log(
      `${name.padEnd(50)} ${ms.toFixed(2).padStart(8)} ms  ${ratio.toFixed(3)} of a snapshot  ${budget === null ? '' : `budget ${budget} ms`}`,
    );
