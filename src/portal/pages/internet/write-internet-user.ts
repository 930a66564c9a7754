import { hostRoutes } from '../../../contract/api/host.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { call } from '../../api/call.ts';
import type { Trial } from '../../parts/impact.tsx';
import { trialOf } from '../../parts/impact.tsx';
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

/** tryInternetUser asks what writeInternetUser would do. */
export function tryInternetUser({ kind, id }: InternetUser, changed: Partial<Chosen>): Trial {
  const params = { id };
  switch (kind) {
    case 'network':
      return trialOf(networkRoutes.update, { params, body: bodyOf(changed) });
    case 'host':
      return trialOf(hostRoutes.update, { params, body: bodyOf(changed) });
    case 'user-group':
      return trialOf(userGroupRoutes.update, { params, body: groupBodyOf(changed) });
  }
}

/** writeInternetUser changes what is given, and gives that again. Rejects with ApiError. */
export async function writeInternetUser({ kind, id }: InternetUser, changed: Partial<Chosen>): Promise<Partial<Chosen>> {
  const params = { id };
  switch (kind) {
    case 'network':
      await call(networkRoutes.update, { params, body: bodyOf(changed) });
      break;
    case 'host':
      await call(hostRoutes.update, { params, body: bodyOf(changed) });
      break;
    case 'user-group':
      await call(userGroupRoutes.update, { params, body: groupBodyOf(changed) });
  }
  return changed;
}

/** Only user groups have a bypass. */
function bodyOf({ internetAccess, gatewaysIds }: Partial<Chosen>) {
  return {
    ...(internetAccess === undefined ? {} : { internetAccess }),
    ...(gatewaysIds === undefined ? {} : { gatewaysIds: [...gatewaysIds] }),
  };
}

function groupBodyOf(changed: Partial<Chosen>) {
  const { bypass } = changed;
  return { ...bodyOf(changed), ...(bypass === undefined ? {} : { tunnelBypass: { ipv4Subnets: [...bypass] } }) };
}
