/**
 * The model against the kernel: random rule sets in a router's namespace, real packets through it, and the model's answer from what an agent
 * would have observed. CW_FILTER_SEED and CW_FILTER_SETS repeat or lengthen a run.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readRules } from './read-rules.ts';
import type { RuleSections } from './read-rules.ts';
import type { FlowEvent, TestFlow } from './testing/flow.ts';
import { predict } from './testing/predict.ts';
import type { Prediction } from './testing/predict.ts';
import { randomIptables } from './testing/random-iptables.ts';
import { randomNft } from './testing/random-nft.ts';
import { Random } from './testing/random.ts';
import { clientAddresses, lanAddresses, RouterWorld, serverPorts, wanAddresses } from './testing/router-world.ts';

const seed = Number(process.env['CW_FILTER_SEED'] ?? 20);
const sets = Number(process.env['CW_FILTER_SETS'] ?? 30);
const datagrams = 80;
const connections = 12;

let world: RouterWorld;

before(async () => {
  world = await RouterWorld.open();
});
after(async () => world[Symbol.asyncDispose]());

let legacyInUse = false;

/** Loads a rule set of one of the kinds; false where nft or iptables refuse it, which random rules may earn. */
function load(random: Random): boolean {
  const kind = random.pick(['nft', 'nft', 'nft and legacy', 'nft and iptables', 'iptables']);
  world.run('r', 'nft', ['flush', 'ruleset']);
  if (legacyInUse) world.run('r', 'iptables-legacy-restore', [], noLegacyRules);
  legacyInUse = kind === 'nft and legacy';
  try {
    if (kind !== 'iptables') loadNft(randomNft(random));
    if (kind === 'nft and legacy') world.run('r', 'iptables-legacy-restore', [], randomIptables(random));
    if (kind.endsWith('iptables')) world.run('r', 'iptables-nft-restore', [], randomIptables(random));
    return true;
  } catch (refused) {
    if (process.env['CW_FILTER_VERBOSE'] !== undefined) console.error(String(refused).slice(0, 400));
    return false;
  }
}

/** Random conditions contradict each other now and then; nft says in which lines, and the rest is as good without them. */
function loadNft(text: string): void {
  let lines = text.split('\n');
  for (let attempts = 0; ; attempts += 1) {
    try {
      world.run('r', 'nft', ['-f', '-'], lines.join('\n'));
      return;
    } catch (refused) {
      const bad = new Set([...String(refused).matchAll(/^\/dev\/stdin:([0-9]+):/gm)].map((found) => Number(found[1])));
      const left = lines.filter((line, index) => !bad.has(index + 1) || !line.startsWith('  '));
      if (attempts > 8 || left.length === lines.length) throw refused;
      lines = left;
    }
  }
}

const noLegacyRules = ['filter', 'mangle', 'raw', 'nat']
  .map(
    (table) =>
      `*${table}\n${chainsOf(table)
        .map((chain) => `:${chain} ACCEPT [0:0]\n`)
        .join('')}COMMIT\n`,
  )
  .join('');

function chainsOf(table: string): readonly string[] {
  switch (table) {
    case 'filter':
      return ['INPUT', 'FORWARD', 'OUTPUT'];
    case 'raw':
      return ['PREROUTING', 'OUTPUT'];
    default:
      return ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].concat(table === 'mangle' ? ['FORWARD'] : []);
  }
}

/** The sections as observe.sh makes them. */
function observe(): RuleSections {
  return {
    nft: world.run('r', 'nft', ['-j', '-s', 'list', 'ruleset']),
    iptablesLegacy: world.run('r', 'iptables-legacy-save', []).replaceAll(/\[[0-9:]*\]/g, ''),
    iptablesNft: world.run('r', 'iptables-nft-save', []).replaceAll(/\[[0-9:]*\]/g, ''),
  };
}

let nextPort = 20_000;

function randomFlows(random: Random, round: number): TestFlow[] {
  return Array.from({ length: datagrams + connections }, (_, index) => {
    nextPort = nextPort >= 60_000 ? 20_000 : nextPort + 1;
    return {
      id: `${String(round)}-${String(index)}`,
      protocol: index < datagrams ? 'udp' : 'tcp',
      source: random.pick(clientAddresses),
      sourcePort: nextPort,
      destination: random.pick([...lanAddresses, ...wanAddresses]),
      destinationPort: random.pick(serverPorts),
    };
  });
}

type Seen = { readonly arrivedAs: ReadonlyMap<string, string>; readonly answered: ReadonlySet<string> };

/**
 * Sends the flows and waits for everything that the model expects. Connections that are dropped take their limit to fail, so that what the model
 * does not expect has time to come as well; were it later, a disagreement would go unnoticed, and none be invented.
 */
async function send(flows: readonly TestFlow[], predictions: ReadonlyMap<string, Prediction>): Promise<Seen> {
  world.order({ kind: 'send', flows, limit_ms: 250 });
  await world.until('all is sent', (events) => events.some(({ kind }) => kind === 'sent'));
  await world.until(
    'what is expected has come',
    (events) => {
      const seen = seenIn(events);
      return flows.every(({ id, protocol }) => {
        const prediction = predictions.get(id);
        if (prediction?.answered === true && !seen.answered.has(id)) return false;
        return protocol === 'tcp' || prediction?.arrives !== true || seen.arrivedAs.has(id);
      });
    },
    2_000,
  );
  const seen = seenIn(world.events);
  world.order({ kind: 'close' });
  await world.until('the sockets are closed', (events) => events.some(({ kind }) => kind === 'closed'));
  return seen;
}

function seenIn(events: readonly FlowEvent[]): Seen {
  const arrivedAs = new Map<string, string>();
  const answered = new Set<string>();
  for (const event of events) {
    if (event.kind === 'answered') answered.add(event.id);
    if (event.kind !== 'arrived') continue;
    arrivedAs.set(event.id, `${event.source}:${String(event.sourcePort)} ${event.destination}:${String(event.destinationPort)}`);
  }
  return { arrivedAs, answered };
}

/** Echo requests by fping: one run for each source, all servers at once. */
function ping(source: string): ReadonlySet<string> {
  const targets = [...lanAddresses, ...wanAddresses];
  const answer = world.run('c', 'sh', ['-c', `fping -a -r0 -t80 -i1 -S ${source} ${targets.join(' ')} 2>/dev/null || true`]);
  return new Set(answer.split('\n').filter((line) => line !== ''));
}

describe('the model of netfilter and the kernel', () => {
  it('agree about random rules and real packets', { timeout: 120_000 }, async (t) => {
    const random = new Random(seed);
    const counts = { sets: 0, refused: 0, compared: 0, arrived: 0, unknown: 0, translated: 0 };
    const disagreements: string[] = [];
    for (let round = 0; counts.sets < sets && disagreements.length === 0; round += 1) {
      if (!load(random)) {
        counts.refused += 1;
        continue;
      }
      counts.sets += 1;
      const sections = observe();
      const rules = readRules(sections);
      const flows = randomFlows(random, round);
      const predictions = new Map(flows.map((flow) => [flow.id, predict(rules, flow)]));
      const seen = await send(flows, predictions);
      const disagree = (flow: TestFlow, what: string): void => {
        const file = join(tmpdir(), `filter-disagreement-${String(seed)}-${flow.id.replace(' ', '-')}.json`);
        writeFileSync(file, JSON.stringify({ what, flow, prediction: predictions.get(flow.id), sections }));
        disagreements.push(`${flow.protocol} ${plain(flow)}: ${what}; rules and packet for golden/ are in ${file}`);
      };
      for (const flow of flows) {
        const prediction = predictions.get(flow.id);
        if (prediction === undefined) continue;
        if (flow.protocol === 'udp') {
          if (prediction.arrives === null) counts.unknown += 1;
          else {
            counts.compared += 1;
            const arrivedAs = seen.arrivedAs.get(flow.id) ?? null;
            if (arrivedAs !== null) counts.arrived += 1;
            if (arrivedAs !== null && prediction.seenAs !== plain(flow)) counts.translated += 1;
            if (arrivedAs !== prediction.seenAs) disagree(flow, `arrived as ${String(arrivedAs)}`);
          }
        }
        if (prediction.answered === null) counts.unknown += 1;
        else {
          counts.compared += 1;
          if (seen.answered.has(flow.id) !== prediction.answered)
            disagree(flow, `answered: ${String(seen.answered.has(flow.id))}`);
        }
      }
      const source = random.pick(clientAddresses);
      const alive = ping(source);
      for (const destination of [...lanAddresses, ...wanAddresses]) {
        const flow: TestFlow = {
          id: `ping ${destination}`,
          protocol: 'icmp',
          source,
          sourcePort: 1,
          destination,
          destinationPort: 1,
        };
        const prediction = predict(rules, flow);
        predictions.set(flow.id, prediction);
        if (prediction.answered === null) counts.unknown += 1;
        else {
          counts.compared += 1;
          if (alive.has(destination) !== prediction.answered) disagree(flow, `answered: ${String(alive.has(destination))}`);
        }
      }
    }
    t.diagnostic(
      Object.entries(counts)
        .map(([name, count]) => `${name} ${String(count)}`)
        .join(', '),
    );
    assert.deepEqual(disagreements, []);
    assert.ok(counts.compared >= sets * 120, 'most flows can be decided');
  });
});

/** What random rules seldom show: who comes first. */
const orders: Readonly<Record<string, string>> = {
  'NAT chains are called at the priority of NAT, whatever their own': `table ip t {
    chain late { type nat hook prerouting priority 50; ip daddr 10.20.0.1 dnat to 10.20.0.2; }
    chain between { type filter hook prerouting priority -90; ip daddr 10.20.0.2 udp dport 53 drop; }
  }`,
  'of equal priority the chain that was made later comes first': `table ip a {
    chain forward_a { type filter hook forward priority 0; meta mark set 1; }
  }
  table ip b {
    chain forward_b { type filter hook forward priority 0; meta mark 1 udp dport 53 drop; }
  }
  table ip c {
    chain forward_c { type filter hook forward priority 10; meta mark 1 udp dport 80 drop; }
  }`,
};

describe('the order of chains', () => {
  for (const [what, text] of Object.entries(orders)) {
    it(what, async () => {
      world.run('r', 'nft', ['flush', 'ruleset']);
      world.run('r', 'nft', ['-f', '-'], text);
      const rules = readRules(observe());
      const flows = serverPorts.flatMap((destinationPort, index): TestFlow[] =>
        ['10.20.0.1', '10.20.0.3'].map((destination, which) => ({
          id: `order-${String(index)}-${String(which)}`,
          protocol: 'udp',
          source: '10.10.0.1',
          sourcePort: 61_000 + index * 2 + which,
          destination,
          destinationPort,
        })),
      );
      const predictions = new Map(flows.map((flow) => [flow.id, predict(rules, flow)]));
      const { arrivedAs } = await send(flows, predictions);
      assert.deepEqual(
        flows.map(({ id }) => arrivedAs.get(id) ?? null),
        flows.map(({ id }) => predictions.get(id)?.seenAs),
      );
    });
  }
});

function plain({ source, sourcePort, destination, destinationPort }: TestFlow): string {
  return `${source}:${String(sourcePort)} ${destination}:${String(destinationPort)}`;
}
