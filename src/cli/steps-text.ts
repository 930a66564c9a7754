import type { KeptTrace } from '../contract/api/trace.ts';
import type { Glyphs } from './glyphs.ts';
import { nameOf } from './hop-table.ts';
import { printable, table } from './table.ts';
import { cut, indented, textColumns } from './wrap.ts';

/** stepsText is every step of every machine with its evidence, what machines remembered, and what was probed. */
export function stepsText(trace: KeptTrace, glyphs: Glyphs): string {
  return [
    direction(`There: ${trace.forward.ending}`, trace.forward, glyphs),
    sessions(trace, glyphs),
    trace.reverse === null ? '' : `\n${direction(`Back: ${trace.reverse.ending}`, trace.reverse, glyphs)}`,
    probes(trace),
  ].join('');
}

function direction(title: string, { hops }: KeptTrace['forward'], glyphs: Glyphs): string {
  const machines = hops.map((hop) => {
    const { in: came, out, steps, tutorial } = hop;
    const ways = [came === null ? '' : `in by ${came}`, out === null ? '' : `out by ${out}`].filter((way) => way !== '');
    const head = [nameOf(hop), ...ways, ...tutorial].map(printable).join('  ');
    return `  ${head}\n${steps.map((step) => stepText(step, glyphs)).join('')}`;
  });
  return `${title}\n${machines.join('')}`;
}

function stepText(step: KeptTrace['forward']['hops'][number]['steps'][number], glyphs: Glyphs): string {
  const code = step.cause === null ? '' : ` [${step.cause.code}]`;
  const seen = step.observedAt === null ? '' : ` at ${step.observedAt}`;
  const { packet } = step;
  return [
    indented(`${step.stage}: ${step.result}, ${step.evidence}${seen}${code}: ${printable(step.detail)}`, 4),
    step.quote === null ? '' : `      it said: ${cut(printable(step.quote), textColumns - 15, glyphs.cut)}\n`,
    packet === null ? '' : `      now: ${flowOf(packet, glyphs)}\n`,
  ].join('');
}

function flowOf(
  { source, sourcePort, destination, destinationPort, protocol }: KeptTrace['sessions'][number]['reply'],
  glyphs: Glyphs,
): string {
  const end = (address: string, port: number | null) => printable(port === null ? address : `${address}:${String(port)}`);
  return `${protocol} ${end(source, sourcePort)} ${glyphs.there} ${end(destination, destinationPort)}`;
}

function sessions({ sessions: remembered }: KeptTrace, glyphs: Glyphs): string {
  if (remembered.length === 0) return '';
  const rows = remembered.map(({ node, original, reply }) => [
    printable(node.label),
    flowOf(original, glyphs),
    `answer ${flowOf(reply, glyphs)}`,
  ]);
  return `\nRemembered\n${table(rows)}`;
}

function probes({ probes: rounds }: KeptTrace): string {
  const rows = rounds.flatMap(({ connectorName, results }) =>
    results.map(({ kind, protocol, target, port, answer, quote }) => [
      printable(connectorName),
      kind,
      `${protocol} ${printable(target)}${port === null ? '' : `:${String(port)}`}`,
      answer,
      printable(quote),
    ]),
  );
  return rows.length === 0 ? '' : `\nProbed\n${table(rows)}`;
}
