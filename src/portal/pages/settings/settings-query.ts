import { queryOptions } from '@tanstack/react-query';
import { settingRoutes } from '../../../contract/api/setting.ts';
import { callUntil } from '../../api/call.ts';

/** settingsQuery reads what the general tab shows, which the API has in a place for each. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async ({ signal }) => {
    const [
      { name },
      { ipV4Address: tunnelRanges },
      defaultRegion,
      allowance,
      distribution,
      enforcement,
      resolvers,
      { internetAccess },
      demandsFactor,
      trustsBrowsers,
      connectAuth,
      retention,
    ] = await Promise.all([
      callUntil(settingRoutes['wpc/name'].read, signal),
      callUntil(settingRoutes['wpc/subnet'].read, signal),
      callUntil(settingRoutes['wpc/default-region'].read, signal),
      callUntil(settingRoutes['user/device-allowance'].read, signal),
      callUntil(settingRoutes['user/profile-distribution'].read, signal),
      callUntil(settingRoutes['user/device-enforcement'].read, signal),
      callUntil(settingRoutes['dns/custom-servers'].read, signal),
      callUntil(settingRoutes['internet-access'].read, signal),
      callUntil(settingRoutes['auth/two-factor-auth'].read, signal),
      callUntil(settingRoutes['auth/trusted-devices-allowed'].read, signal),
      callUntil(settingRoutes['user/connect-auth'].read, signal),
      callUntil(settingRoutes.retention.read, signal),
    ]);
    return {
      name,
      tunnelRanges,
      defaultRegion,
      allowance,
      distribution,
      enforcement,
      resolvers: resolvers ?? null,
      internetAccess,
      demandsFactor,
      trustsBrowsers,
      connectAuth,
      retention,
    };
  },
});
