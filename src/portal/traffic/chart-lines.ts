/**
 * src/portal/traffic shows how much passes: rates in words, and the last hour as a chart and as a table. The chart is loaded when it is shown,
 * with the library that draws it.
 */
import type { LastHour, TrafficPart } from '../../contract/api/traffic.ts';

/** ChartLine is one line of the chart: a rate for each sample, null where it is not known. */
export type ChartLine = {
  /** A key of `traffic.lines`. */
  readonly key: 'fromPeople' | 'toPeople' | 'sites' | 'fromNetwork' | 'toNetwork';
  /** The variable of its colour, in theme.ts. */
  readonly variable: '--cw-line-1' | '--cw-line-2' | '--cw-line-3';
  readonly values: readonly (number | null)[];
};

/** ChartLines are those of an hour, with the time of each of their values, in seconds since 1970. */
export type ChartLines = { readonly times: readonly number[]; readonly lines: readonly ChartLine[] };

type Sample = LastHour['parts'][number]['samples'][number];

/** linesOf makes lines of the last hour: of people in both directions, and of networks and hosts together; or of one network in both. */
export function linesOf(hour: LastHour): ChartLines {
  const { from, sampleSeconds, parts, connectors } = hour;
  const samplesOf = (part: TrafficPart) => parts.find((each) => each.part === part)?.samples;
  const [people, network, host] = [samplesOf('people'), samplesOf('network'), samplesOf('host')];
  const rates = (samples: readonly Sample[], bytes: (sample: NonNullable<Sample>) => number) =>
    samples.map((sample) => (sample === null ? null : bytes(sample) / sampleSeconds));
  const incoming = (samples: readonly Sample[]) => rates(samples, ({ bytesIn }) => bytesIn);
  const outgoing = (samples: readonly Sample[]) => rates(samples, ({ bytesOut }) => bytesOut);
  const both = (samples: readonly Sample[]) => rates(samples, ({ bytesIn, bytesOut }) => bytesIn + bytesOut);
  const times = Array.from(
    { length: parts[0]?.samples.length ?? 0 },
    (_, index) => Date.parse(from) / 1_000 + index * sampleSeconds,
  );
  if (connectors !== null) {
    const lines: ChartLine[] =
      network === undefined
        ? []
        : [
            { key: 'fromNetwork', variable: '--cw-line-1', values: incoming(network) },
            { key: 'toNetwork', variable: '--cw-line-2', values: outgoing(network) },
          ];
    return { times, lines };
  }
  const ofPeople: ChartLine[] =
    people === undefined
      ? []
      : [
          { key: 'fromPeople', variable: '--cw-line-1', values: incoming(people) },
          { key: 'toPeople', variable: '--cw-line-2', values: outgoing(people) },
        ];
  const sites = [network, host].filter((samples) => samples !== undefined).map(both);
  if (sites.length === 0) return { times, lines: ofPeople };
  const sums = times.map((_, index) => sumOf(sites.map((values) => values[index] ?? null)));
  return { times, lines: [...ofPeople, { key: 'sites', variable: '--cw-line-3', values: sums }] };
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
