declare const brand: unique symbol;

/** Id is a UUID that says in its type what it names, so that a network's id cannot be passed for a device's. */
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

/** nilId names nothing: the nil UUID (RFC 9562, 5.9). For where a UUID has to stand and none is meant. */
export const nilId = '00000000-0000-0000-0000-000000000000';

export type NetworkId = Id<'network'>;
export type NetworkRouteId = Id<'network-route'>;
export type HostId = Id<'host'>;
export type ConnectorId = Id<'connector'>;
export type UserId = Id<'user'>;
export type UserGroupId = Id<'user-group'>;
export type DeviceId = Id<'device'>;
export type SessionId = Id<'session'>;
export type MailId = Id<'mail'>;
export type GatewayId = Id<'gateway'>;
/** ConnectAttemptId is a connection that waits for a person to say who they are. */
export type ConnectAttemptId = Id<'connect-attempt'>;
/** WebSessionId is a session in a browser; a SessionId is a tunnel's. */
export type WebSessionId = Id<'web-session'>;
export type PasskeyId = Id<'passkey'>;

/** RegionId is a short name such as `eu-central-1` (api.md 1.10), not a UUID. */
export type RegionId = Id<'region'>;

/**
 * Serial is a certificate's serial number as 32 lower-case hexadecimal digits without separators. It is the strong binding of a
 * tunnel to an endpoint, and it is also the certificate's common name, so that `status 3` of a running lane tells it (openvpn.md 2.4).
 */
export type Serial = Id<'serial'>;

/** EndpointId names what has a tunnel address: `connector:UUID` or `device:UUID`. */
export type EndpointId = `connector:${ConnectorId}` | `device:${DeviceId}`;
