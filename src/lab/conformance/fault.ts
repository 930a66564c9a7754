import type { FindingCode } from '../../core/trace/finding-code.ts';
import type { Direction, NodeKind, Verdict } from '../../core/trace/words.ts';
import type { Fault } from '../scenario.ts';
import type { CheckedFlow, Trial } from './checked-flow.ts';
import type { Mode, Standing } from './standing.ts';

/**
 * ConformanceFault is one failure of the catalogue on the standing topology. `inject` returns when it is done, `mend` takes it back whatever
 * has been tried meanwhile: a fix may already have undone it, in another way.
 */
export type ConformanceFault = Fault<Standing> & {
  readonly code: FindingCode;
  /** The state that it is injected into. */
  readonly mode: Mode;
  readonly flow: CheckedFlow;
  /** How it shows, where that is not that the flow does not pass. */
  readonly attempt?: (standing: Standing) => Promise<Trial>;
  readonly expect: Expected;
  /** `doctor` for what no flow shows yet; the trace of the flow gives the verdict all the same. */
  readonly asks?: 'doctor';
  /** What then happens by itself, in minutes that nobody wants to wait. */
  readonly afterFix?: (standing: Standing) => Promise<void>;
  /** What the operator has said of the LAN at fault, in place of the truth before (state-lan.ts). */
  readonly statement?: Statement;
  /** Why nobody reports what would show it: then the product cannot name it, and has only to leave open that it is so. */
  readonly unseen?: string;
  /** What was started for the fault is the flow itself, and goes on while it is mended. */
  readonly keepsHolds?: true;
  /** Why our agent, which puts much right by itself, leaves it as it is; absent where it is on another machine. */
  readonly agent?: string;
};

/** Expected is what the tracer has to say: the machine and the directions that are right, and the verdict. */
export type Expected = {
  readonly hop: NodeKind;
  readonly directions: readonly Direction[];
  readonly verdict: Verdict;
};

/** Statement is LanStatement of core/trace/statement.ts in the words of the API, about the LAN of a site. */
export type Statement = {
  readonly of: 'hq' | 'branch';
  readonly lan: { readonly router: RouterStated | null; readonly servers: readonly ServerStated[] };
};

type RouterStated = {
  readonly platform: string | null;
  readonly routes: readonly { readonly destination: string; readonly nextHop: string }[] | null;
  readonly stateful: boolean | null;
  readonly redirects: boolean | null;
  readonly natSources: readonly string[] | null;
};

type ServerStated = {
  readonly address: string;
  readonly gateway: string | null;
  readonly admits: readonly string[] | null;
  readonly runsTailscale: boolean | null;
};

export function forward(hop: NodeKind, verdict: Verdict = 'broken'): Expected {
  return { hop, directions: ['forward'], verdict };
}

export function reverse(hop: NodeKind, verdict: Verdict = 'broken-return'): Expected {
  return { hop, directions: ['reverse'], verdict };
}

export function eitherWay(hop: NodeKind, verdict: Verdict): Expected {
  return { hop, directions: ['forward', 'reverse'], verdict };
}

export function nothingSaid(of: Statement['of']): Statement {
  return { of, lan: { router: null, servers: [] } };
}

export function routerIs(of: Statement['of'], stated: Partial<RouterStated>): Statement {
  const nothing = { platform: null, routes: null, stateful: null, redirects: null, natSources: null };
  return { of, lan: { router: { ...nothing, ...stated }, servers: [] } };
}

export function serverIs(of: Statement['of'], stated: Partial<ServerStated> & Pick<ServerStated, 'address'>): Statement {
  return { of, lan: { router: null, servers: [{ gateway: null, admits: null, runsTailscale: null, ...stated }] } };
}
