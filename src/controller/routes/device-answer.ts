import type { Device } from '../../contract/api/device.ts';
import type { DeviceDetails } from '../../contract/api/device-details.ts';
import type { OwnDevice } from '../../contract/api/own-device.ts';
import type { DeviceDetailsView } from '../domain/device-details.ts';
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

/** A device as its person sees it. */
export function ownDeviceAnswer(device: DeviceDetailsView): OwnDevice {
  return {
    id: device.id,
    name: device.name,
    platform: device.platform,
    ipV4Address: device.address,
    connectionStatus: device.online ? 'ONLINE' : 'OFFLINE',
    createdAt: device.createdAt.toISOString(),
    hasProfile: device.profileEndsAt !== null,
    profileEndsAt: device.profileEndsAt?.toISOString() ?? null,
    lastConnectedAt: device.lastConnectedAt?.toISOString() ?? null,
  };
}

/** A device as administrators see it. */
export function deviceDetailsAnswer(device: DeviceDetailsView): DeviceDetails {
  return { ...deviceAnswer(device), ...ownDeviceAnswer(device), username: device.username };
}
