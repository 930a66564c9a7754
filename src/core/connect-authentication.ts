/** What a user group demands of its people at connect, besides the certificate in the profile. The words are CloudConnexa's (api.md 2.7). */
export const connectAuths = ['NO_AUTH', 'ON_PRIOR_AUTH', 'EVERY_TIME'] as const;
export type ConnectAuth = (typeof connectAuths)[number];

/**
 * DeviceAuthentication is what a gateway has to know of it for one device, so that it can answer at once, also while the controller is away:
 *   none        the certificate is enough.
 *   prior       whoever uses the device has proved who they are until `until` (milliseconds since 1970; null: not yet); after that they are asked.
 *   every-time  each new connection is asked for.
 */
export type DeviceAuthentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'prior'; readonly until: number | null }
  | { readonly kind: 'every-time' };

/** CloudConnexa's 12 hours: a working day, so that people are asked in the morning and not in the middle of something. */
export const priorAuthenticationMs = 12 * 3_600_000;

/**
 * A device that comes back this soon after it was last heard of, from the same address, goes on with the connection that it lost. Long enough
 * for what breaks connections without anybody's doing (a lane that restarts takes 22 s at most, a router some 90 s), too short to carry a
 * stolen profile anywhere.
 */
export const reconnectMs = 120_000;

/** deviceAuthentication turns a group's demand and a device's last authenticated connection (null: none) into what a gateway is told. */
export function deviceAuthentication(demand: ConnectAuth, authenticatedAt: number | null): DeviceAuthentication {
  switch (demand) {
    case 'NO_AUTH':
      return { kind: 'none' };
    case 'ON_PRIOR_AUTH':
      return { kind: 'prior', until: authenticatedAt === null ? null : authenticatedAt + priorAuthenticationMs };
    case 'EVERY_TIME':
      return { kind: 'every-time' };
  }
}

/** isAsked tells whether a new connection of the device has to be asked for. `continues`: it goes on with one that was authenticated. */
export function isAsked(authentication: DeviceAuthentication, continues: boolean, now: number): boolean {
  switch (authentication.kind) {
    case 'none':
      return false;
    case 'prior':
      return !continues && (authentication.until === null || authentication.until <= now);
    case 'every-time':
      return !continues;
  }
}
