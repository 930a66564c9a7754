/**
 * src/controller/probe asks connectors' agents for something once: probes, a fresh observation, confirmed fixes. probes.ts is what the rest
 * of the controller calls; this file is the way to the agent and back. Tests: `./causeway node --test 'src/controller/probe/*.test.ts'`.
 */
import type { ActionWords, AgentRequest, ProbeWords } from '../../contract/agent-request.ts';
import { formatAgentRequest, parseAgentAnswers } from '../../contract/agent-request.ts';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { ConnectorId } from '../../core/ids.ts';

/** Presence is what is known of a connector's agent from its long polls. `unknown`: this process has not run long enough to say. */
export type Presence = 'polls' | 'too-old' | 'away' | 'unknown';

/** RequestOutcome: `not-fetched` and `silent` are the two ways in which the time passed: before and after the agent had the request. */
export type RequestOutcome =
  | {
      readonly kind: 'answered';
      readonly probes: readonly ProbeWords[];
      readonly actions: readonly ActionWords[];
      /** ISO 8601, by the controller's clock: when the answers came, and the observation after them; null: not asked for, or not in time. */
      readonly at: string;
      readonly observedAt: string | null;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not-fetched' }
  | { readonly kind: 'silent' };

/** Visit is one poll of an agent, from the request to the answer. */
export type Visit = {
  /** Gives the lines of the request that waits for this agent, which is thereby delivered; empty where there is none. */
  readonly take: () => string;
  readonly end: () => void;
};

/** A connector's own queue: more callers than this at the same time are refused. */
const mostWaiting = 4;

type Pending = {
  readonly request: AgentRequest;
  isTaken: boolean;
  answers: { readonly probes: readonly ProbeWords[]; readonly actions: readonly ActionWords[]; readonly at: string } | undefined;
  readonly finish: (outcome: RequestOutcome) => void;
};

type Agent = { readonly visits: Set<object>; latest: { ring: () => void } | undefined; asks: boolean; seenAt_ms: number };

/**
 * AgentRequests holds requests until the agent's next poll, which it wakes, and until the answer. A request is given out once: an agent that
 * acted on it and lost the connection must not do so again.
 *
 * In memory: the poll of a connector and whoever asks have to be in the same process, as they are while there is one controller. With several on
 * one database this becomes a table, an UPDATE … RETURNING in `take`, and a NOTIFY (store/wake-up.ts); nothing outside this class would change.
 */
export class AgentRequests {
  readonly #waiting = new Map<ConnectorId, Pending[]>();
  readonly #agents = new Map<ConnectorId, Agent>();
  readonly #awayAfter_ms: number;
  readonly #startedAt_ms = performance.now();

  /** An agent polls again after 25 s at most, and after a failure in 15 s. */
  constructor(awayAfter_ms = 60_000) {
    this.#awayAfter_ms = awayAfter_ms;
  }

  /** visit begins a poll. `ring` is called when a request comes for it. Of several polls of one agent only the latest gets requests. */
  visit(connector: ConnectorId, poll: { readonly asks: boolean; readonly ring: () => void }): Visit {
    const agent = this.#agents.get(connector) ?? { visits: new Set(), latest: undefined, asks: false, seenAt_ms: 0 };
    this.#agents.set(connector, agent);
    const own = { ring: poll.ring };
    agent.visits.add(own);
    agent.latest = own;
    agent.asks = poll.asks;
    if (poll.asks && this.#next(connector) !== undefined) poll.ring();
    return {
      take: () => {
        const next = poll.asks && agent.latest === own ? this.#next(connector) : undefined;
        if (next === undefined) return '';
        next.isTaken = true;
        return formatAgentRequest(next.request);
      },
      end: () => {
        agent.visits.delete(own);
        agent.seenAt_ms = performance.now();
        if (agent.latest === own) agent.latest = undefined;
      },
    };
  }

  presence(connector: ConnectorId): Presence {
    const agent = this.#agents.get(connector);
    const now_ms = performance.now();
    if (agent === undefined) return now_ms - this.#startedAt_ms > this.#awayAfter_ms ? 'away' : 'unknown';
    if (agent.visits.size === 0 && now_ms - agent.seenAt_ms > this.#awayAfter_ms) return 'away';
    return agent.asks ? 'polls' : 'too-old';
  }

  /** send resolves with the answer, or when `timeout_ms` have passed; never rejects. */
  async send(connector: ConnectorId, request: AgentRequest, timeout_ms: number): Promise<RequestOutcome> {
    const queue = this.#waiting.get(connector) ?? [];
    if (queue.length >= mostWaiting) {
      return {
        kind: 'refused',
        reason: `${String(mostWaiting)} requests wait for this connector already. Ask again when they are answered.`,
      };
    }
    this.#waiting.set(connector, queue);
    return await new Promise<RequestOutcome>((resolve) => {
      const finish = (outcome: RequestOutcome): void => {
        clearTimeout(timer);
        queue.splice(queue.indexOf(pending), 1);
        if (queue.length === 0) this.#waiting.delete(connector);
        resolve(outcome);
      };
      const pending: Pending = { request, isTaken: false, answers: undefined, finish };
      const timer = setTimeout(() => {
        if (pending.answers !== undefined) finish({ kind: 'answered', ...pending.answers, observedAt: null });
        else finish({ kind: pending.isTaken ? 'silent' : 'not-fetched' });
      }, timeout_ms);
      queue.push(pending);
      this.#agents.get(connector)?.latest?.ring();
    });
  }

  /**
   * answer takes what an agent posts. Throws not-found for a request that is not this connector's, was never given out, is answered already
   * or whose time is over; invalid-input for a text that answers something else, which ends the request.
   */
  answer(connector: ConnectorId, id: string, text: string): void {
    const pending = this.#waiting.get(connector)?.find(({ request, isTaken }) => isTaken && request.id === id);
    if (pending === undefined) throw notFound('request', id);
    const { request, answers } = pending;
    const parsed = parseAgentAnswers(text, request);
    switch (parsed.kind) {
      case 'malformed':
        pending.finish({ kind: 'refused', reason: `The connector's answer cannot be read: ${parsed.problem}.` });
        throw invalidInput('answers', text, `cannot be read: ${parsed.problem}`);
      case 'refused':
        return pending.finish({ kind: 'refused', reason: `The connector refuses: ${parsed.words}.` });
      case 'observed': {
        const now = new Date().toISOString();
        return pending.finish({ kind: 'answered', ...(answers ?? { probes: [], actions: [], at: now }), observedAt: now });
      }
      case 'answers':
        if (answers !== undefined) throw notFound('request', id);
        pending.answers = { probes: parsed.probes, actions: parsed.actions, at: new Date().toISOString() };
        if (!request.observe) pending.finish({ kind: 'answered', ...pending.answers, observedAt: null });
    }
  }

  /** end answers everything that waits; for a controller that stops. */
  end(): void {
    const reason = 'The controller is stopping. Ask again in a moment.';
    for (const pending of [...this.#waiting.values()].flat()) pending.finish({ kind: 'refused', reason });
  }

  #next(connector: ConnectorId): Pending | undefined {
    return this.#waiting.get(connector)?.find(({ isTaken }) => !isTaken);
  }
}
