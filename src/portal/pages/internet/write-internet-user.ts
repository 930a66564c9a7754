import { hostRoutes } from '../../../contract/api/host.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { call } from '../../api/call.ts';
import type { InternetUser } from './internet-users.ts';

type Chosen = Pick<InternetUser, 'internetAccess' | 'gatewaysIds' | 'bypass'>;

/** readInternetUser reads what is configured now. Rejects with ApiError. */
export async function readInternetUser({ kind, id }: InternetUser): Promise<Chosen> {
  switch (kind) {
    case 'network':
      return { ...(await call(networkRoutes.read, { params: { id } })), bypass: [] };
    case 'host':
      return { ...(await call(hostRoutes.read, { params: { id } })), bypass: [] };
    case 'user-group': {
      const group = await call(userGroupRoutes.read, { params: { id } });
      return { ...group, bypass: group.tunnelBypass.ipv4Subnets };
    }
  }
}

/** writeInternetUser changes what is given, and gives that again. Rejects with ApiError. */
export async function writeInternetUser({ kind, id }: InternetUser, changed: Partial<Chosen>): Promise<Partial<Chosen>> {
  const { bypass, gatewaysIds, ...others } = changed;
  const params = { id };
  const body = { ...others, ...(gatewaysIds === undefined ? {} : { gatewaysIds: [...gatewaysIds] }) };
  switch (kind) {
    case 'network':
      await call(networkRoutes.update, { params, body });
      break;
    case 'host':
      await call(hostRoutes.update, { params, body });
      break;
    case 'user-group':
      await call(userGroupRoutes.update, {
        params,
        body: { ...body, ...(bypass === undefined ? {} : { tunnelBypass: { ipv4Subnets: [...bypass] } }) },
      });
  }
  return changed;
}
