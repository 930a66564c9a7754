/** Words that several resources of the API share (api.md 2.3, 2.7, 6). */
export const internetAccessModes = ['SPLIT_TUNNEL_ON', 'SPLIT_TUNNEL_OFF', 'RESTRICTED_INTERNET'] as const;
export const tunnelingProtocols = ['OPENVPN', 'IPSEC'] as const;
export const connectionStatuses = ['ONLINE', 'OFFLINE'] as const;
export const userRoles = ['OWNER', 'ADMIN', 'MEMBER'] as const;
/** Ours: whether everybody of a group has to have a second factor. */
export const secondFactorDemands = ['OPTIONAL', 'REQUIRED'] as const;
export type SecondFactorDemand = (typeof secondFactorDemands)[number];
export const userStatuses = ['INVITED', 'ACTIVE', 'SUSPENDED'] as const;
/** Ours: what a person says a device is. */
export const devicePlatforms = ['windows', 'macos', 'linux', 'android', 'ios', 'other'] as const;
export type DevicePlatform = (typeof devicePlatforms)[number];
