import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerDeps } from '../deps.ts';
import { readStatus } from '../status/read-status.ts';
import { ProcessFacts } from './process-facts.ts';
import { readDatabase } from './read-database.ts';
import { expiryOf, readFleet } from './read-fleet.ts';
import { Samples } from './samples.ts';

/** The signer has told its certificate by the time somebody asks; while it is away Prometheus must not wait longer than it does (10 s). */
const signerPatience_ms = 1_000;

/**
 * metricsReader gives the function that reads what is asked for each answer. Whoever asks while it is being read gets the same answer, so that
 * several Prometheus cost no more than one. It never fails: without the database it says so, and what this process knows by itself.
 */
export function metricsReader(deps: ControllerDeps): () => Promise<string> {
  const facts = new ProcessFacts();
  let reading: Promise<string> | undefined;
  return async () => await (reading ??= readMetrics(deps, facts).finally(() => (reading = undefined)));
}

async function readMetrics(deps: ControllerDeps, facts: ProcessFacts): Promise<string> {
  const { metrics, log, store, installation } = deps;
  const began = performance.now();
  const now = new Date();
  const samples = new Samples();
  samples.add('causeway_build_info', { version: installation.version }, 1);
  const isUp = await sayDatabase();
  samples.flag('causeway_database_up', {}, isUp);
  if (!isUp) samples.flag('causeway_ready', {}, false);
  await sayCertificates(deps, samples);
  await facts.read(samples);
  samples.add('causeway_metrics_read_duration_seconds', {}, (performance.now() - began) / 1000);
  return await metrics.text(samples.all());

  async function sayDatabase(): Promise<boolean> {
    try {
      await readDatabase(store.database, samples);
      await readFleet(deps, samples, now);
      const { ready, problems } = await readStatus(deps, now);
      samples.flag('causeway_ready', {}, ready);
      // Whatever status names is here, also what is named for the first time next year.
      for (const [code, own] of Map.groupBy(problems, (problem) => problem.code))
        samples.add('causeway_problem', { code }, own.length);
      return true;
    } catch (error) {
      log.warn({ err: error }, 'reading for the metrics failed; what needs the database is missing in this answer');
      return false;
    }
  }
}

/** Signer and portal have their own faults, which others tell of; here the series is missing then. */
async function sayCertificates(deps: ControllerDeps, samples: Samples): Promise<void> {
  const read = async (kind: string, pem: () => string | Promise<string>) => {
    try {
      samples.instant('causeway_certificate_expiry_timestamp_seconds', { kind }, expiryOf(await pem()));
    } catch {
      // No certificate, no series: an alert on absence says so.
    }
  };
  const signer = new AbortController();
  const patience = delay(signerPatience_ms, null, { signal: signer.signal }).catch(() => null);
  await read('ca', async () => (await Promise.race([deps.signer.authority(), patience])) ?? '');
  signer.abort();
  await read('server', deps.portalCertificate);
}
