import { randomUUID } from 'node:crypto';
import type { AgentRequest } from '../../contract/agent-request.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { AgentAction } from '../../core/trace/findings/finding.ts';
import type { ProbeQuestion, ProbeResult } from '../../core/trace/probe.ts';
import { tokenBuckets } from '../http/token-bucket.ts';
import type { Actor } from '../principal.ts';
import { recordAudit } from '../store/model-transaction.ts';
import type { Store } from '../store/store.ts';
import { AgentRequests } from './agent-requests.ts';
import type { RequestOutcome } from './agent-requests.ts';
import { objectionToActions, objectionToConnector, objectionToProbes } from './request-objection.ts';

/** AskFailure is why there is no answer: `reason` is a sentence for people. `refused` also where somebody asks too often. */
export type AskFailure = { readonly kind: 'offline' | 'too-old' | 'timed-out' | 'refused'; readonly reason: string };

export type ProbeBatch =
  /** One result for each question, in their order. `observedAt`: the observation that was asked for with it is there, null where not in time. */
  { readonly kind: 'answered'; readonly results: readonly ProbeResult[]; readonly observedAt: string | null } | AskFailure;

export type FreshObservation = { readonly kind: 'observed'; readonly at: string } | AskFailure;

export type ActionBatch =
  | { readonly kind: 'answered'; readonly results: readonly ActionResult[]; readonly observedAt: string | null }
  | AskFailure;

/** `words` is what the agent says it did, or why it did not. */
export type ActionResult = { readonly action: AgentAction; readonly done: boolean; readonly words: string };

export type AskOptions = {
  readonly actor: Actor;
  /** Of each probe, 1 to 5; 2 where it is not given. */
  readonly limit_s?: number;
  /** Of everything, for a connector that polls and does not answer; the usual time is a second, or that of silent targets. */
  readonly timeout_ms?: number;
  /** Also a fresh observation after the probes: the counters, neighbours and flows that they left. */
  readonly observe?: boolean;
};

/**
 * At most 3 in a second and, with what refills meanwhile, 30 in any minute; observations are counted apart from what sends packets or changes
 * something, so that the agent may count to 60 for both.
 */
const limits = { second: { perSecond: 1, burst: 3 }, minute: { perSecond: 0.25, burst: 15 } };

/** An agent may be in a pass over its machine when it is asked, and an observation takes a second on a small one. */
const usual_ms = 10_000;

/** Probes asks agents for probes, observations and fixes: checked, counted, written down in the audit, and always with an answer. */
export class Probes {
  readonly requests: AgentRequests;
  readonly #store: Store;
  readonly #bySecond = tokenBuckets(limits.second);
  readonly #byMinute = tokenBuckets(limits.minute);

  constructor(store: Store, requests = new AgentRequests()) {
    this.#store = store;
    this.requests = requests;
  }

  /** ask sends up to eight probes of one connector. Rejects only where the database does. */
  async ask(connector: ConnectorId, questions: readonly ProbeQuestion[], options: AskOptions): Promise<ProbeBatch> {
    const objection = await objectionToProbes(this.#store.database, connector, questions);
    const outcome = await this.#request(connector, { probes: questions, observe: options.observe ?? false }, options, objection, {
      action: 'probed',
      after: { probes: questions },
    });
    if (outcome.kind !== 'answered') return outcome;
    const { probes, at, observedAt } = outcome;
    const results = questions.flatMap((question, index): ProbeResult[] => {
      const words = probes[index];
      return words === undefined ? [] : [{ connector, question, answer: words.answer, quote: words.quote, at }];
    });
    return { kind: 'answered', results, observedAt };
  }

  /** observe has the agent report its machine now; resolves when the report is kept. */
  async observe(connector: ConnectorId, options: Omit<AskOptions, 'limit_s' | 'observe'>): Promise<FreshObservation> {
    const record = { action: 'observation-requested', after: {} };
    const outcome = await this.#request(connector, { observe: true }, options, undefined, record);
    return outcome.kind === 'answered' ? { kind: 'observed', at: outcome.at } : outcome;
  }

  /**
   * act has the agent carry out fixes, in their order, that a person has confirmed: whoever calls it has asked. What came of it is in the audit
   * too.
   */
  async act(connector: ConnectorId, actions: readonly AgentAction[], options: Omit<AskOptions, 'limit_s'>): Promise<ActionBatch> {
    const record = { action: 'fix-requested', after: { fixes: actions } };
    const parts = { actions, observe: options.observe ?? false };
    const outcome = await this.#request(connector, parts, options, objectionToActions(actions), record);
    if (outcome.kind !== 'answered') return outcome;
    const results = actions.flatMap((action, index): ActionResult[] => {
      const words = outcome.actions[index];
      return words === undefined ? [] : [{ action, ...words }];
    });
    await this.#record(options.actor, connector, { action: 'fixed', after: { results } });
    return { kind: 'answered', results, observedAt: outcome.observedAt };
  }

  async #request(
    connector: ConnectorId,
    parts: Partial<Pick<AgentRequest, 'probes' | 'actions' | 'observe'>>,
    { actor, limit_s = 2, timeout_ms = usual_ms }: AskOptions,
    objection: string | undefined,
    record: { readonly action: string; readonly after: object },
  ): Promise<Extract<RequestOutcome, { kind: 'answered' }> | AskFailure> {
    const refusal =
      (await objectionToConnector(this.#store.database, connector)) ??
      objection ??
      (Number.isInteger(limit_s) && limit_s >= 1 && limit_s <= 5 ? undefined : 'The limit of a probe is 1 to 5 seconds.');
    if (refusal !== undefined) return { kind: 'refused', reason: refusal };
    const absence = await this.#absence(connector);
    if (absence !== undefined) return absence;
    const tooOften = this.#tooOften(`${connector} ${record.action === 'observation-requested' ? 'observe' : 'ask'}`);
    if (tooOften !== undefined) return tooOften;
    await this.#record(actor, connector, record);
    const request = { id: randomUUID(), limit_s, probes: [], actions: [], observe: false, ...parts };
    const outcome = await this.requests.send(connector, request, timeout_ms);
    const within = `within ${String(timeout_ms / 1000)} s`;
    switch (outcome.kind) {
      case 'answered':
      case 'refused':
        return outcome;
      case 'silent':
        return { kind: 'timed-out', reason: `The connector took the request and did not answer ${within}.` };
      case 'not-fetched':
        return (
          (await this.#absence(connector)) ?? {
            kind: 'offline',
            reason: `The connector's agent did not come for the request ${within}; see "causeway-connector status" on its machine.`,
          }
        );
    }
  }

  async #absence(connector: ConnectorId): Promise<AskFailure | undefined> {
    switch (this.requests.presence(connector)) {
      case 'polls':
      case 'unknown':
        return undefined;
      case 'away':
        return {
          kind: 'offline',
          reason: 'The connector\'s agent does not ask the controller for news; see "causeway-connector status" on its machine.',
        };
      case 'too-old': {
        const version = await this.#versionOf(connector);
        return {
          kind: 'too-old',
          reason: `The connector's agent is of version ${version} and does not know probes. Run the install line on its machine again.`,
        };
      }
    }
  }

  async #versionOf(connector: ConnectorId): Promise<string> {
    const row = await this.#store.database
      .selectFrom('observation')
      .select('body')
      .where('connector_id', '=', connector)
      .where('section', '=', 'agent')
      .executeTakeFirst();
    return /^agent=([\w.+-]{1,40})$/m.exec(row?.body ?? '')?.[1] ?? 'unknown';
  }

  #tooOften(what: string): AskFailure | undefined {
    const now_ms = performance.now();
    const taken = this.#bySecond.take(what, now_ms);
    const both = taken.allowed ? this.#byMinute.take(what, now_ms) : taken;
    if (both.allowed) return undefined;
    return {
      kind: 'refused',
      reason: `This connector has been asked too often: 3 requests a second and 30 a minute at most. Ask again in ${String(both.retryAfter_s)} s.`,
    };
  }

  async #record(
    actor: Actor,
    connector: ConnectorId,
    record: { readonly action: string; readonly after: object },
  ): Promise<void> {
    await this.#store.database
      .transaction()
      .execute(async (trx) => await recordAudit(trx, actor, [{ entity: 'connector', entityId: connector, ...record }]));
  }
}
