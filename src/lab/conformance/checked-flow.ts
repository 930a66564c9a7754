import { awaitCondition } from '../await-condition.ts';
import type { Host } from '../host.ts';
import { branch, headquarters } from '../shapes/site.ts';
import type { Standing } from './standing.ts';

/** Who sends: Bob from home, the servers of the two sites. */
type Sender = 'bob' | 'hq-server' | 'branch-server';

/** CheckedFlow is the question of a fault, to real packets and to the tracer alike. */
export type CheckedFlow = {
  readonly from: Sender;
  readonly to: string;
  readonly protocol: 'tcp' | 'icmp';
  /** Of TCP, which asks a web server; null for ICMP. */
  readonly port: number | null;
  /** Length of the flow's largest packet, which may not be fragmented; null: small. Real packets of TCP have the size that they have. */
  readonly bytes: number | null;
};

export function tcp(from: Sender, to: string, port = 80): CheckedFlow {
  return { from, to, protocol: 'tcp', port, bytes: null };
}

export function ping(from: Sender, to: string, bytes: number | null = null): CheckedFlow {
  return { from, to, protocol: 'icmp', port: null, bytes };
}

/** Trial is what became of real packets: `said` is the program's own words, in one line. */
export type Trial = { readonly passes: boolean; readonly said: string };

/** sourceOf is how `causeway trace` is told who sends. */
export function sourceOf(sender: Sender): string {
  switch (sender) {
    case 'bob':
      return 'bob';
    case 'hq-server':
      return headquarters.server;
    case 'branch-server':
      return branch.server;
  }
}

function hostOf({ bob, hq, branch: other }: Standing, sender: Sender): Host {
  switch (sender) {
    case 'bob':
      return bob.computer;
    case 'hq-server':
      return hq.server;
    case 'branch-server':
      return other.server;
  }
}

/** Bytes of the headers of IPv4 and ICMP, which ping does not count. */
const icmpHeaders = 28;

/** How long an answer is waited for; in the lab it takes some milliseconds, and a lost SYN is sent again after a second. */
const patience = '0.5';

/** tryFlow sends it once. */
export async function tryFlow(standing: Standing, { from, to, protocol, port, bytes }: CheckedFlow): Promise<Trial> {
  const size = bytes === null ? [] : ['-M', 'do', '-s', String(bytes - icmpHeaders)];
  const program =
    protocol === 'tcp'
      ? ['curl', '--silent', '--show-error', '--output', '/dev/null', '--max-time', patience, `http://${to}:${port}/`]
      : ['ping', '-n', '-c', '1', '-W', patience, ...size, to];
  const { code, stdout, stderr } = await hostOf(standing, from).run(program);
  const lines = `${stderr}\n${stdout}`.split('\n').filter((line) => line.trim() !== '');
  return { passes: code === 0, said: (protocol === 'tcp' ? lines[0] : lines.at(-1))?.trim() ?? 'answered' };
}

/** A change at the gateway or a reconnect of a client takes some seconds. */
const settleMs = 30_000;

/** awaitPasses waits until packets pass, and throws with what was said last. */
export async function awaitPasses(attempt: () => Promise<Trial>): Promise<Trial> {
  return awaitCondition(
    'the flow passes',
    async () => {
      const trial = await attempt();
      if (!trial.passes) throw new Error(trial.said);
      return trial;
    },
    { withinMs: settleMs },
  );
}

/** awaitBroken waits until packets do not pass, twice in a row: one alone may have been lost by the change itself. */
export async function awaitBroken(attempt: () => Promise<Trial>): Promise<Trial> {
  return awaitCondition(
    'the flow is broken',
    async () => {
      for (let round = 0; ; round += 1) {
        const trial = await attempt();
        if (trial.passes) throw new Error('it passes');
        if (round > 0) return trial;
      }
    },
    { withinMs: settleMs },
  );
}
