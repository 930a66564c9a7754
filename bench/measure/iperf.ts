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
const seconds = 3;

const answer = z.object({
  end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }),
});

/** throughput gives the TCP goodput of one connection in Mbit/s, as its receiver saw it. */
export async function throughput({ from, to, direction, segmentBytes }: Transfer): Promise<number> {
  const argv = ['iperf3', '--json', '--client', to, '--time', String(seconds), '--omit', String(omittedSeconds)];
  if (direction === 'back') argv.push('--reverse');
  if (segmentBytes !== undefined) argv.push('--set-mss', String(segmentBytes));
  return answer.parse(JSON.parse(await from.must(argv))).end.sum_received.bits_per_second / 1e6;
}
