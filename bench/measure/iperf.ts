/** Measuring tools of the benchmarks: each runs a real program on hosts of the lab and gives a number. */
import { z } from 'zod';
import { awaitCondition } from '../../src/lab/await-condition.ts';
import type { Host } from '../../src/lab/host.ts';
import { outputOf } from '../../src/lab/output-of.ts';

/** startIperf makes a host answer iperf3 until it is stopped. */
export async function startIperf(host: Host): Promise<void> {
  const said = outputOf(host.start(['iperf3', '--server', '--forceflush']));
  await awaitCondition(`iperf3 listens on ${host.name}`, () => (said().includes('Server listening') ? true : undefined), {
    everyMs: 20,
  });
}

export type Transfer = {
  /** The client of iperf3, which opens the connection. */
  readonly from: Host;
  /** Address of a host with a running server. */
  readonly to: string;
  /** Who sends: `there` is from the client to the server. */
  readonly direction: 'there' | 'back';
  /** Payload of a segment in bytes; without it as much as the path takes. */
  readonly segmentBytes?: number;
};

/** Slow start is no property of what is measured. */
const omittedSeconds = 1;
const usualSeconds = 3;

/** With --json iperf3 says what went wrong in its answer. */
const answer = z.object({
  error: z.string().optional(),
  end: z.object({
    sum_received: z.object({ bits_per_second: z.number() }).optional(),
    sum_sent: z.object({ retransmits: z.number().optional() }).optional(),
  }),
});

/** Transferred is how a connection went: Mbit/s as its receiver saw them, and the segments that were sent again. */
export type Transferred = { readonly megabits: number; readonly retransmits: number };

/** throughput gives the TCP goodput of one connection in Mbit/s, as its receiver saw it. */
export async function throughput(what: Transfer, seconds: number = usualSeconds): Promise<number> {
  return (await transfer(what, seconds)).megabits;
}

/** transfer sends as much as one TCP connection takes. Throws when the connection is refused or reset, with iperf3's words. */
export async function transfer({ from, to, direction, segmentBytes }: Transfer, seconds: number): Promise<Transferred> {
  const argv = ['iperf3', '--json', '--client', to, '--time', String(seconds), '--omit', String(omittedSeconds)];
  if (direction === 'back') argv.push('--reverse');
  if (segmentBytes !== undefined) argv.push('--set-mss', String(segmentBytes));
  const { stdout, stderr } = await from.run(argv, { timeoutMs: (seconds + 20) * 1000 });
  const { error, end } = answer.parse(JSON.parse(stdout));
  if (error !== undefined || end.sum_received === undefined) {
    throw new Error(`iperf3 from ${from.name} to ${to}: ${error ?? stderr}`);
  }
  return { megabits: end.sum_received.bits_per_second / 1e6, retransmits: end.sum_sent?.retransmits ?? 0 };
}
