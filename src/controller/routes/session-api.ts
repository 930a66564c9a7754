import { sessionRoutes } from '../../contract/api/session.ts';
import type { RegisterRoutes } from '../deps.ts';
import { listSessions } from '../domain/sessions.ts';
import { allowed, serve } from './serve.ts';

/** registerSessions: /sessions. Names are those of the time of the session. */
export const registerSessions: RegisterRoutes = (app, { store }) => {
  serve(app, sessionRoutes.list, allowed('session:read'), async ({ query }) => {
    const { items, nextCursor } = await listSessions(store.database, query, new Date());
    const sessions = items.map((row) => ({
      sessionId: row.id,
      userId: row.user_id ?? '',
      deviceId: row.device_id ?? '',
      regionId: row.region,
      bytesIn: row.bytes_in,
      bytesOut: row.bytes_out,
      connectorName: row.connector_name ?? '',
      userName: row.user_name ?? '',
      deviceName: row.device_name ?? '',
      clientIp: row.client_address,
      startDateTime: row.started_at.toISOString(),
      vpnIpv4: row.tunnel_address ?? '',
      networkName: row.site_name ?? '',
      regionName: row.region_name,
      connectionStatus: row.state === 'established' && row.gateway_reports ? ('ONLINE' as const) : ('OFFLINE' as const),
    }));
    return nextCursor === undefined ? { sessions } : { sessions, nextCursor };
  });
};
