import { z } from 'zod';
import type { Administrator } from '../administrator.ts';
import { labRegion } from './add-network.ts';

const identified = z.object({ id: z.string() });

/** addGroup adds a user group whose people keep their own way to the internet. */
export async function addGroup(administrator: Administrator, name: string): Promise<{ id: string; internetAccess: string }> {
  return administrator.must(z.object({ id: z.string(), internetAccess: z.string() }), 'POST', '/api/v1/user-groups', {
    name,
    internetAccess: 'SPLIT_TUNNEL_ON',
    maxDevice: 3,
    connectAuth: 'NO_AUTH',
    allRegionsIncluded: true,
  });
}

export async function addUser(administrator: Administrator, name: string, groupId: string): Promise<string> {
  const user = { username: name, email: `${name}@example.com`, firstName: name, lastName: 'Jones', groupId, role: 'MEMBER' };
  return (await administrator.must(identified, 'POST', '/api/v1/users', user)).id;
}

export type AddedDevice = { readonly id: string; readonly user: string; readonly address: string };

export async function addDevice(administrator: Administrator, user: string, name: string): Promise<AddedDevice> {
  const answer = z.object({ id: z.string(), ipV4Address: z.string() });
  const device = await administrator.must(answer, 'POST', `/api/v1/devices?userId=${user}`, { name });
  return { id: device.id, user, address: device.ipV4Address };
}

/** fetchProfile gives a new .ovpn of a device, with a key that is kept nowhere else. */
export async function fetchProfile(administrator: Administrator, device: AddedDevice): Promise<string> {
  const path = `/api/v1/devices/${device.id}/profile?userId=${device.user}&regionId=${labRegion}`;
  return administrator.must(z.string(), 'POST', path);
}
