import type { KeptTrace } from '../contract/api/trace.ts';
import { ageInWords } from '../core/age-in-words.ts';
import type { Glyphs } from './glyphs.ts';
import { pad, printable, width } from './table.ts';
import { cut, textColumns, wrap } from './wrap.ts';

type Trace = KeptTrace['forward'];
type Hop = Trace['hops'][number];
type Step = Hop['steps'][number];
type Packet = NonNullable<Step['packet']>;

/** HopRow is one machine: a mark, its name, the address that the packet has or gets there, what decides, and how that is known. */
export type HopRow = {
  readonly mark: string;
  readonly name: string;
  readonly address: string;
  readonly what: string;
  readonly evidence: string;
};

/** hopRows are the machines there, and back. */
export function hopRows(trace: KeptTrace, glyphs: Glyphs): readonly HopRow[] {
  const { request } = trace;
  const first: Packet = {
    source: request.sourceAddress,
    sourcePort: null,
    destination: request.destinationAddress,
    destinationPort: request.port,
    protocol: request.protocol,
  };
  const now_ms = Date.parse(trace.askedAt);
  const rows = directionRows('forward', trace.forward, first, glyphs, now_ms);
  if (trace.reverse === null) return rows;
  const last = trace.forward.hops.flatMap(({ steps }) => steps.flatMap(({ packet }) => packet ?? [])).at(-1) ?? first;
  const { source, sourcePort, destination, destinationPort } = last;
  const answer = { ...last, source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
  return [...rows, ...directionRows('reverse', trace.reverse, answer, glyphs, now_ms)];
}

function directionRows(
  direction: 'forward' | 'reverse',
  { hops, ending }: Trace,
  made: Packet,
  glyphs: Glyphs,
  now_ms: number,
): HopRow[] {
  const arrow = direction === 'forward' ? glyphs.there : glyphs.back;
  let packet = made;
  return hops.map((hop, index) => {
    const before = packet;
    for (const step of hop.steps) packet = step.packet ?? packet;
    const step = decidingStep(hop);
    const isLast = index === hops.length - 1 && ending === 'delivered';
    return {
      mark: step.result === 'drop' ? glyphs.fails : step.result === 'unknown' ? glyphs.unknown : arrow,
      name: nameOf(hop),
      address: isLast ? arrivalOf(packet, direction) : addressAt(before, packet, index === 0),
      what: step.detail,
      evidence: evidenceOf(hop, step, now_ms),
    };
  });
}

/** The port from which a client asked says nothing to anybody. */
function arrivalOf({ destination, destinationPort }: Packet, direction: 'forward' | 'reverse'): string {
  return direction === 'reverse' || destinationPort === null ? destination : `${destination}:${String(destinationPort)}`;
}

/** Where it begins the own address; between, what the machine makes of it. */
function addressAt(before: Packet, after: Packet, isFirst: boolean): string {
  if (isFirst || after.source !== before.source) return after.source;
  return after.destination === before.destination ? '' : after.destination;
}

/** nameOf is what a person knows a machine by; its kind is said where the label does not say what it is. */
export function nameOf({ node: { kind, label } }: Pick<Hop, 'node'>): string {
  return kind === 'device' || kind === 'connector' || label.includes(kind) ? label : `${kind} ${label}`;
}

/** Of what else decides, in this order; NAT first, because it changes what every later machine sees. */
const telling: readonly Step['stage'][] = [
  'nat',
  'overlay-route',
  'access-policy',
  'client-route',
  'deliver',
  'cloud-route',
  'route',
  'reply-originate',
  'session',
  'forwarding',
  'host-filter',
];

/** The step that ends it; else one that something is wrong with, that is taken for granted, or that tells most. */
function decidingStep({ steps }: Hop): Step {
  const last = steps.at(-1);
  if (last === undefined) throw new RangeError('a hop has at least one step (core/trace/result.ts)');
  if (last.result === 'drop' || last.result === 'unknown') return last;
  const changed = steps.find(({ stage, result }) => stage === 'nat' && result === 'change');
  const wrong = steps.find(({ cause }) => cause !== null) ?? steps.find(({ result }) => result === 'assumed') ?? changed;
  if (wrong !== undefined) return wrong;
  const found = telling.map((stage) => steps.find((step) => step.stage === stage)).find((step) => step !== undefined);
  return found ?? last;
}

function evidenceOf({ steps }: Hop, { evidence, observedAt }: Step, now_ms: number): string {
  if (steps.some(({ result }) => result === 'assumed')) return 'assumed';
  const at_ms = observedAt === null ? Number.NaN : Date.parse(observedAt);
  return Number.isNaN(at_ms) ? evidence : `${evidence} ${ageInWords(now_ms - at_ms)}`;
}

/** Wider names leave no room for what happens. */
const widestName = 34;
const narrowestWhat = 24;

/** hopTable aligns rows within the width of a text; what happens goes on below itself where it is longer. */
export function hopTable(rows: readonly HopRow[], glyphs: Glyphs): string {
  const cells = rows.map((row) => ({
    ...row,
    name: cut(printable(row.name), widestName, glyphs.cut),
    address: printable(row.address),
    what: printable(row.what),
  }));
  const widest = (of: (row: HopRow) => string) => Math.max(0, ...cells.map((row) => width(of(row))));
  const [mark, name, address, evidence] = [
    widest((row) => row.mark),
    widest((row) => row.name),
    widest((row) => row.address),
    widest((row) => row.evidence),
  ];
  const room = Math.max(narrowestWhat, textColumns - (mark + name + address + evidence + 9));
  return cells
    .map((row) => {
      const [what = '', ...more] = wrap(row.what, room);
      const head = `  ${pad(row.mark, mark)} ${pad(row.name, name)}  ${pad(row.address, address)}  `;
      const lines = [`${head}${pad(what, room)}  ${row.evidence}`, ...more.map((line) => `${' '.repeat(width(head))}${line}`)];
      return lines.map((line) => `${line.trimEnd()}\n`).join('');
    })
    .join('');
}
