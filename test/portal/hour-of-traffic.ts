import type { SessionReport } from '../../src/contract/gateway.ts';
import { storeReport } from '../../src/controller/gateway-stream/store-report.ts';
import type { Stage } from './stage.ts';

/** Fewer than a gateway makes, and enough for every minute. */
const between_s = 30;

/**
 * fillHour lets the gateway report what the live tunnels have carried in the last hour, as it does in production: more in the middle of the hour.
 * The last reports are of the time that `reportedAt` says, so that their rates count for as long as what else the gateway said.
 */
export async function fillHour({ issuing: { controller, gateway } }: Pick<Stage, 'issuing'>, reportedAt: Date): Promise<void> {
  const { store } = controller.deps;
  const sessions = await store.database
    .selectFrom('session')
    .select(['key', 'connector_id', 'device_id', 'serial', 'client_address', 'started_at'])
    .where('state', '=', 'established')
    .where('gateway_id', '=', gateway)
    .execute();
  const now = Date.now();
  let [bytesIn, bytesOut] = [0, 0];
  const report = async (at: Date, seconds: number, share: number): Promise<void> => {
    bytesIn += Math.round(seconds * 20_000 * share);
    bytesOut += Math.round(seconds * 250_000 * share);
    await storeReport(
      store,
      gateway,
      {
        appliedRevision: null,
        full: false,
        lanes: [],
        connectors: [],
        pools: [],
        problems: [],
        trusts: [],
        sessions: sessions.map(
          ({ key, connector_id, device_id, serial, client_address, started_at }): SessionReport => ({
            key,
            lane: 'u0',
            endpoint: connector_id === null ? `device:${device_id ?? ''}` : `connector:${connector_id}`,
            serial,
            state: 'established',
            clientAddress: client_address,
            startedAt: started_at.toISOString(),
            bytesIn: connector_id === null ? bytesIn : bytesOut,
            bytesOut: connector_id === null ? bytesOut : bytesIn,
          }),
        ),
      },
      at,
    );
  };
  for (let ago_s = 3_600; ago_s > 0; ago_s -= between_s)
    await report(new Date(now - ago_s * 1_000), between_s, 0.2 + Math.sin((ago_s / 3_600) * Math.PI) ** 2);
  await report(new Date(reportedAt.getTime() - 10_000), 10, 1);
  await report(reportedAt, 10, 1);
}
