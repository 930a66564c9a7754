import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayReport } from '../contract/gateway.ts';
import type { AgentStart, KeeperToAgent } from '../contract/lane-keeper.ts';
import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { EndpointId } from '../core/ids.ts';
import type { LaneId } from '../core/lanes.ts';
import { handoverLane } from '../core/lanes.ts';
import { LostConnections } from './authentication/lost-connections.ts';
import { Questions } from './authentication/questions.ts';
import { AppliedChanges } from './applied-changes.ts';
import { CarriedSessions } from './carried-sessions.ts';
import { ConfigurationFile } from './configuration-file.ts';
import { ControllerClient } from './controller-client.ts';
import { Failover } from './failover.ts';
import { FiguresReport } from './figures-report.ts';
import { IdentityKeeper } from './identity-keeper.ts';
import { GatewayCounters } from './gateway-counters.ts';
import { GatewayIdentityFiles } from './identity.ts';
import type { HeldIdentity } from './identity.ts';
import { laneToRenew, trustedByAll } from './lane-renewal.ts';
import { KernelPasses } from './kernel-passes.ts';
import type { DesiredKernel } from './kernel/desired-kernel.ts';
import type { KernelOwnership } from './kernel/ownership.ts';
import { kernelOwnership } from './kernel/ownership.ts';
import type { PassResult } from './kernel/reconcile.ts';
import { Reconciler } from './kernel/reconcile.ts';
import type { CommandRunner } from './kernel/run-command.ts';
import type { LaneKeeper } from './lane-keeper.ts';
import { LaneSet } from './lane-set.ts';
import type { Log } from './log.ts';
import { ProfileUse } from './profile-use.ts';
import { Refusals } from './refusals.ts';
import { Reporter } from './reports.ts';
import { SessionAuthority } from './session-authority.ts';
import type { EndReason } from '../core/session-fate.ts';
import { endedReport } from './session-report.ts';
import type { CutSession } from './session-steward.ts';
import { SessionSteward } from './session-steward.ts';
import { SessionTable } from './session-table.ts';
import type { Session } from './session.ts';
import type { GatewaySettings } from './settings.ts';
import { aliveMs, silentMs } from './settings.ts';
import { stir } from './stir.ts';
import { ConfigurationStream } from './stream.ts';
import { Strangers } from './strangers.ts';
import { UrgentChanges } from './urgent-changes.ts';
import { WantedKernel } from './wanted-kernel.ts';

export type AgentOptions = {
  readonly start: Omit<AgentStart, 'kind'>;
  readonly keeper: LaneKeeper;
  readonly settings: GatewaySettings;
  readonly run: CommandRunner;
  readonly log: Log;
};

/** Between two tries to read from the kernel who has which routes. */
const findOwnersEveryMs = 500;

/** Between two polls of what people decided, while the controller is away. */
const questionRetryMs = 1_000;

/**
 * GatewayAgent composes the gateway: lanes ask the authority, the authority decides from the configuration and keeps the session table,
 * the reconciler makes the kernel what both want, the reporter tells the controller. `stop` leaves lanes and kernel as they are.
 */
export class GatewayAgent {
  readonly #options: AgentOptions;
  readonly #own: KernelOwnership;
  readonly #sessions = new SessionTable();
  readonly #strangers = new Strangers();
  readonly #lost = new LostConnections();
  readonly #questions: Questions;
  readonly #client: ControllerClient;
  readonly #file: ConfigurationFile;
  readonly #identity: IdentityKeeper;
  readonly #lanes: LaneSet;
  readonly #steward: SessionSteward;
  readonly #failover: Failover;
  readonly #reconciler: Reconciler;
  readonly #urgent: UrgentChanges;
  readonly #reporter: Reporter;
  readonly #stream: ConfigurationStream;
  readonly #profileUse = new ProfileUse();
  readonly #counters = new GatewayCounters(Date.now());
  readonly #changes = new AppliedChanges();
  readonly #figures: FiguresReport;
  readonly #passes: KernelPasses;
  readonly #wanted = new WantedKernel();
  readonly #stopping = new AbortController();
  readonly #carried = new CarriedSessions(this.#sessions, (report) => this.#reporter.session(report));
  readonly #refusals: Refusals;
  #configuration: GatewayConfiguration | null = null;
  #saidReady = false;
  #held: HeldIdentity | null = null;

  constructor(options: AgentOptions) {
    const { start, keeper, settings, run, log } = options;
    this.#options = options;
    this.#own = kernelOwnership(start.installation);
    this.#client = new ControllerClient(start.controller, `${start.directory}/token`);
    this.#file = new ConfigurationFile(`${start.directory}/configuration.json`, log);
    this.#identity = new IdentityKeeper({
      files: new GatewayIdentityFiles(start.directory),
      client: this.#client,
      run,
      log,
      checkMs: settings.identityMs,
      retryMs: settings.reconnectMs,
      complete: () => this.#reconciler.request(),
      held: (held) => {
        this.#held = held;
        this.#renewLane();
      },
      signal: this.#stopping.signal,
    });
    this.#steward = new SessionSteward({
      sessions: this.#sessions,
      lanes: () => this.#lanes,
      configuration: () => this.#configuration,
      settings,
      log,
      nameOf: (endpoint) => this.#nameOf(endpoint),
      stir,
      signal: this.#stopping.signal,
    });
    this.#refusals = new Refusals({
      profileUse: this.#profileUse,
      nameOf: (endpoint) => this.#nameOf(endpoint),
      report: (refused) => this.#reporter.session(refused),
      log,
    });
    this.#questions = new Questions({ client: this.#client, log, retryMs: questionRetryMs });
    const authority = new SessionAuthority({
      sessions: this.#sessions,
      strangers: this.#strangers,
      configuration: () => this.#configuration,
      overstayed: (endpoint) => this.#steward.overstayed(endpoint),
      continues: (endpoint, client) => this.#lost.continues(endpoint, client, Date.now()),
      questions: this.#questions,
      aliveMs: aliveMs(settings),
      now: Date.now,
      events: {
        changed: () => {
          this.#failover.attachmentChanged();
          this.#reconciler.requestPaced();
        },
        refused: (refused) => {
          this.#counters.connect(refused.refusal.reason);
          this.#refusals.add(refused, Date.now());
        },
        accepted: () => this.#counters.connect('accepted'),
        passed: ({ lane, endpoint }, bytesIn, bytesOut) => this.#counters.bytes(lane, endpoint, bytesIn, bytesOut),
        arrived: (session) => this.#steward.arrived(session),
        superseded: (sessions) => this.#superseded(sessions),
        ended: (session, reason) => this.#ended(session, reason),
      },
    });
    const changed = () => this.#lanesChanged();
    const exited = (lane: LaneId) => this.#counters.exited(lane);
    const { directory } = start;
    this.#lanes = new LaneSet(start.installation, { keeper, directory, settings, authority, log, changed, exited });
    this.#failover = new Failover({
      own: this.#own,
      sessions: this.#sessions,
      undecided: () => (this.#lanes.isListed ? this.#lanes.undecided() : null),
      timings: settings.failover,
      run,
      log,
      nameOf: (endpoint) => this.#nameOf(endpoint),
      moved: (urgency) => (urgency === 'at-once' ? this.#moved() : this.#reconciler.requestPaced()),
      figures: this.#counters,
      told: () => this.#reporter.soon(),
    });
    this.#passes = new KernelPasses({
      counters: this.#counters,
      changes: this.#changes,
      log,
      told: () => this.#reporter.soon(),
    });
    this.#reconciler = new Reconciler({
      desired: () => this.#desired(),
      run,
      laneUser: start.laneUser,
      everyMs: settings.reconcileMs,
      onPass: (result) => this.#passed(result),
      onFailure: (cause) => this.#passes.failed(cause),
    });
    this.#urgent = new UrgentChanges({
      reconciler: this.#reconciler,
      run,
      log,
      nameOf: (endpoint) => this.#nameOf(endpoint),
      wrote: (steps) => this.#changes.wrote(steps),
    });
    this.#reporter = new Reporter({
      client: this.#client,
      current: () => this.#report(),
      liveSessions: () => this.#carried.reports(),
      delivered: ({ applied = [] }) => this.#changes.delivered(applied),
      log,
      collectMs: settings.reportMs,
    });
    this.#figures = new FiguresReport({
      counters: this.#counters,
      streamOpens: () => this.#stream.opens,
      failedReports: () => this.#reporter.failedReports,
      certificateValidUntil: () => this.#identity.validUntil,
    });
    this.#stream = new ConfigurationStream({
      client: this.#client,
      held: () => this.#configuration,
      take: (configuration) => this.take(configuration),
      opened: () => this.#reporter.full(),
      log,
      reconnectMs: settings.reconnectMs,
    });
  }

  /** begin starts from what is on disk and in the kernel, and follows the controller from then on. Resolves when that is under way. */
  async begin(): Promise<void> {
    this.#lanes.begin();
    const configuration = await this.#file.load();
    if (configuration !== null) this.#use(configuration);
    void this.#findOwners();
    void this.#identity.keep();
    this.#stream.start();
    void this.#every(this.#options.settings.refreshMs, () => this.#lanes.refresh());
    void this.#every(this.#options.settings.byteReportMs, () => this.#reportBytes());
  }

  /** told takes in a message of the lane keeper. */
  told(message: KeeperToAgent): void {
    this.#lanes.told(message);
  }

  /** take makes a configuration the valid one: whoever must go is cut, before anything else is done. */
  take(configuration: GatewayConfiguration): void {
    this.#changes.received(configuration.revision, Date.now());
    this.#use(configuration);
    void this.#file.save(configuration);
  }

  /** stop lets go of everything and leaves lanes, tunnels and kernel as they are. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stream.stop();
    this.#questions.close();
    // Not before: a configuration that still came would have begun to probe again.
    this.#failover.stop();
    await this.#reconciler.stop();
    this.#lanes.close();
    await this.#reporter.stop();
    this.#client.close();
  }

  #use(configuration: GatewayConfiguration): void {
    const before = this.#desired();
    this.#configuration = configuration;
    const cut = this.#steward.judge(configuration);
    for (const { session, reason } of cut) {
      this.#sessions.remove(session.key);
      if (configuration.certificates[session.serial] === undefined) this.#strangers.dismiss(session.serial);
      this.#ended(session, reason);
    }
    this.#lost.configured(configuration, Date.now());
    this.#questions.reconsider();
    this.#failover.configured(configuration);
    if (cut.length > 0) void this.#cut(before, cut);
    this.#lanes.configure(configuration);
    this.#reconciler.request();
  }

  /** First the kernel, then the tunnels themselves. */
  async #cut(before: DesiredKernel | null, cut: readonly CutSession[]): Promise<void> {
    await this.#urgent.cut(
      before,
      () => this.#desired(),
      cut.map(({ session }) => session.endpoint),
    );
    await Promise.all(cut.map(({ session, how }) => this.#lanes.kill(session, how)));
  }

  /** What the move needs goes to the kernel at once; the pass that follows looks at the whole. */
  #moved(): void {
    const before = this.#wanted.last;
    const after = this.#desired();
    if (before !== undefined && after !== null && before !== after) void this.#urgent.move(before, after);
    else this.#reconciler.request();
  }

  #desired(): DesiredKernel | null {
    // Before the keeper has told which lanes run, what they need would be taken for orphans.
    if (this.#configuration === null || !this.#lanes.isListed) return null;
    const { owners, alive } = this.#failover;
    if (owners === null) return null;
    return this.#wanted.of({
      own: this.#own,
      configuration: this.#configuration,
      sessions: this.#sessions,
      running: this.#lanes.running(),
      undecided: this.#lanes.undecided(),
      owners,
      alive,
    });
  }

  #passed(result: PassResult): void {
    const { desired, applied } = result;
    this.#passes.passed(result, this.#wanted.revisionOf(desired));
    const lost = new Set([...applied.failed.map(({ step }) => step.device), ...applied.skipped.map(({ device }) => device)]);
    const made = applied.done
      .filter((step) => step.change === 'add' && step.object === `tun ${step.device ?? ''}`)
      .map(({ device }) => device ?? '');
    // Lanes cannot start without their certificate; their tuns may be there before.
    if (this.#identity.isComplete)
      this.#lanes.devices(new Set([...desired.devices].filter((device) => !lost.has(device))), new Set(made));
    for (const key of desired.sessions) {
      const session = this.#sessions.byKey(key);
      if (session?.state !== 'established' || this.#carried.has(key) || lost.has(`${this.#own.devicePrefix}${session.lane}`))
        continue;
      this.#carried.add(key);
    }
  }

  #lanesChanged(): void {
    this.#failover.attachmentChanged();
    this.#reconciler.request();
    this.#reporter.soon();
    this.#renewLane();
    if (this.#saidReady || !this.#lanes.isUp) return;
    this.#saidReady = true;
    this.#options.keeper.send({ kind: 'ready' });
  }

  #superseded(sessions: readonly Session[]): void {
    const now = Date.now();
    for (const session of sessions) {
      this.#carried.delete(session.key);
      const newer = this.#sessions.ofEndpoint(session.endpoint).find(({ state }) => state === 'established');
      // A hand-over is one machine's doing, however often it happens.
      const isHandover = newer?.peer.agent === true && [session.lane, newer.lane].includes(handoverLane);
      if (!isHandover && now - session.heardAt < aliveMs(this.#options.settings))
        this.#profileUse.takeover(session.endpoint, newer?.clientAddress ?? '', now);
      this.#steward.superseded(session, newer);
    }
  }

  #ended(session: Session, reason: EndReason): void {
    this.#carried.delete(session.key);
    const [why, now] = [this.#steward.ended(session, reason), Date.now()];
    const protocol = this.#configuration?.lanes[session.lane]?.protocol;
    this.#lost.ended(session, { reason: why, protocol, silentMs: silentMs(this.#options.settings) }, now);
    this.#reporter.session(endedReport(session, why, now));
  }

  async #reportBytes(): Promise<void> {
    await this.#figures.look();
    this.#carried.tellBytes();
    // Problems come and go without a session that changes.
    this.#reporter.soon();
  }

  #clientsOn(lane: LaneId): number {
    return this.#sessions.onLane(lane).filter(({ state }) => state === 'established').length;
  }

  /** Each change of the lanes asks again, so that the next one follows when this one is up. */
  #renewLane(): void {
    const lanes = this.#lanes.started((lane) => this.#clientsOn(lane));
    const lane = this.#held === null || lanes === undefined ? undefined : laneToRenew(lanes, this.#held, Date.now());
    if (lane === undefined) return;
    this.#options.log.info(`lane ${lane} is started anew to take up its new certificate`);
    this.#lanes.startAnew(lane);
  }

  #report(): Omit<GatewayReport, 'full' | 'sessions'> {
    const lanes = this.#lanes.reports((lane) => this.#clientsOn(lane));
    const problems = [
      ...this.#passes.problems,
      ...(this.#identity.problem === '' ? [] : [{ code: 'gateway-certificate', message: this.#identity.problem.slice(0, 500) }]),
      ...lanes
        .filter(({ state }) => state === 'down')
        .map(({ id, reason }) => ({
          code: 'lane-down',
          message: `lane ${id} does not stay up: ${reason ?? 'unknown'}`.slice(0, 500),
        })),
      ...this.#lanes.settingsProblems(),
      ...(this.#failover.problem === '' ? [] : [{ code: 'probes', message: this.#failover.problem.slice(0, 500) }]),
      ...this.#profileUse.problems(Date.now(), (endpoint) => this.#nameOf(endpoint)),
    ];
    const started = this.#lanes.started((lane) => this.#clientsOn(lane));
    const trusts = this.#held === null ? [] : [...trustedByAll(started, this.#held)];
    const applied = this.#changes.untold;
    return {
      appliedRevision: this.#passes.appliedRevision,
      lanes,
      problems,
      trusts,
      ...this.#failover.report(),
      ...(applied.length === 0 ? {} : { applied: [...applied] }),
      ...this.#figures.due(performance.now()),
    };
  }

  /** Until it is known who has which routes, nothing is touched. */
  async #findOwners(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      try {
        return await this.#failover.begin();
      } catch (cause) {
        this.#passes.failed(cause);
        await delay(findOwnersEveryMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
  }

  /** Names are the operator's words: quoted, so that nothing in them can pass for something else in a log. */
  #nameOf(endpoint: EndpointId): string {
    const found = this.#configuration?.endpoints[endpoint];
    return found === undefined ? endpoint : `${found.kind} ${JSON.stringify(found.name.slice(0, 80))}`;
  }

  async #every(intervalMs: number, act: () => unknown): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await act();
    }
  }
}
