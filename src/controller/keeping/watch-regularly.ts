import type { ControllerDeps } from '../deps.ts';
import type { Job } from '../metrics/metrics.ts';
import { SignerError } from '../pki/signer-error.ts';
import { systemActor } from '../principal.ts';
import type { Condition } from './condition.ts';
import { agentConditions, connectorClockConditions, portalConditions, profileConditions } from './expiry-conditions.ts';
import { keepConditions } from './keep-conditions.ts';
import { authorityConditions, renewAuthority } from './renew-authority.ts';
import { sweepConditions } from './sweep-hold.ts';

/** A disk fills within minutes, and what refuses changes has to know in time. */
const look_ms = 5_000;
const keep_ms = 60_000;

export type WatchDeps = Pick<
  ControllerDeps,
  'store' | 'log' | 'clock' | 'portalCertificate' | 'installation' | 'machine' | 'signer'
>;

/** lookAfter finds every condition of now, of this machine and of the installation, and tells those that are news. In a fixed number of queries. */
export async function lookAfter(deps: WatchDeps): Promise<void> {
  const { store, log, machine } = deps;
  const now = deps.clock();
  await machine.look();
  const ofMachine = await keepConditions(store, `machine:${machine.machine}`, await machine.conditions(store));
  const ofInstallation = await keepConditions(store, 'installation', [
    ...(await profileConditions(store.database, now)),
    ...(await agentConditions(store.database, now)),
    ...(await connectorClockConditions(store.database)),
    ...(await sweepConditions(store.database, now)),
    ...portalCertificateConditions(deps, now),
    ...(await keepAuthority(deps, now)),
  ]);
  for (const { begun, ended } of [ofMachine, ofInstallation]) {
    for (const { code, message } of begun) log.warn({ code }, message);
    for (const { code, key } of ended) log.info({ code, key }, 'is over');
  }
}

/** A signer that is away is told by those who need it, and the renewal of the CA has years. */
async function keepAuthority(deps: WatchDeps, now: Date): Promise<Condition[]> {
  try {
    await renewAuthority(deps, systemActor, now);
    return await authorityConditions(deps, now);
  } catch (error) {
    if (!(error instanceof SignerError)) throw error;
    deps.log.debug({ err: error }, 'the CA could not be looked after; it is tried again in a minute');
    return [];
  }
}

function portalCertificateConditions({ portalCertificate, installation }: WatchDeps, now: Date): Condition[] {
  let pem: string;
  try {
    pem = portalCertificate();
  } catch {
    // None is shown, which is told by whoever should show one.
    return [];
  }
  return portalConditions(pem, installation.portalPin !== undefined, now);
}

/** watchRegularly looks after the installation once a minute, and at the room on its disks every few seconds. Gives what ends it. */
export function watchRegularly(deps: WatchDeps, job: Job): () => Promise<void> {
  let running: Promise<void> | undefined;
  const keep = (): void => {
    running ??= job(async () => await lookAfter(deps))
      .catch((error: unknown) =>
        deps.log.warn({ err: error }, 'looking after the installation failed; it is tried again in a minute'),
      )
      .finally(() => {
        running = undefined;
      });
  };
  let wasFull = false;
  const look = (): void => {
    void deps.machine.look().then(() => {
      if (deps.machine.isFull !== wasFull) keep();
      wasFull = deps.machine.isFull;
    });
  };
  keep();
  const timers = [setInterval(keep, keep_ms), setInterval(look, look_ms)];
  for (const timer of timers) timer.unref();
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await running;
  };
}
