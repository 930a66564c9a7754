import type { Device } from '../../contract/api/device.ts';
import type { DeviceView } from '../domain/device-view.ts';

/** A device in the vendor's shape. */
export function deviceAnswer({ id, user, clientUuid, name, description, address, online }: DeviceView): Device {
  return {
    id,
    userId: user,
    clientUUID: clientUuid,
    name,
    description,
    ipV4Address: address,
    connectionStatus: online ? 'ONLINE' : 'OFFLINE',
  };
}
