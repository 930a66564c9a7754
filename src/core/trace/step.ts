import type { Cause } from './cause.ts';
import type { Packet } from './packet.ts';
import { viewOf } from './packet.ts';
import type { ProbeResult } from './probe.ts';
import type { Step } from './result.ts';
import type { Evidence, Stage, StepResult } from './words.ts';

type Rest = {
  readonly evidence?: Evidence;
  readonly observedAt?: string | null;
  readonly quote?: string | null;
  readonly packet?: Packet;
  readonly cause?: Cause;
};

/** step makes a step; what is not given is what most steps have: it follows from the configuration and changes nothing. */
export function step(stage: Stage, result: StepResult, detail: string, rest: Rest = {}): Step {
  return {
    stage,
    result,
    evidence: rest.evidence ?? 'config',
    observedAt: rest.observedAt ?? null,
    quote: rest.quote ?? null,
    detail,
    packet: rest.packet === undefined ? null : viewOf(rest.packet),
    cause: rest.cause ?? null,
  };
}

/** probed is the evidence of a probe. */
export function probed({ at, quote }: ProbeResult) {
  return { evidence: 'probed', observedAt: at, quote } as const;
}
