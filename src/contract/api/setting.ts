import { z } from 'zod';
import { connectAuths } from '../../core/connect-authentication.ts';
import { deviceEnforcements } from '../../core/device-identity.ts';
import type { RetentionKind } from '../../core/retention.ts';
import { retentionRules } from '../../core/retention.ts';
import { wpcName } from './person.ts';
import { defineRoute } from './route.ts';
import { internetAccessModes } from './words.ts';

/** The settings that can be changed, in the vendor's paths and formats (api.md 5), and those that are ours. */

/** A text setting may be sent as JSON. */
const text = z.string().trim().max(200);

export const tunnelRanges = z.object({ ipV4Address: z.array(z.string()), ipV6Address: z.array(z.string()) });

const resolvers = z.object({ primaryIpV4: z.string(), secondaryIpV4: z.string() });

export const wpcNameSetting = z.object({ name: wpcName });

/** AUTOMATIC: people add devices themselves. MANUAL: administrators add them, and hand out their profiles. */
export const profileDistributions = ['AUTOMATIC', 'MANUAL'] as const;

/** Days for which each kind of record is kept; what a request leaves out stays as it is. */
export const retentionSetting = z.strictObject({
  events: daysOf('events'),
  audit: daysOf('audit'),
  sessions: daysOf('sessions'),
  mails: daysOf('mails'),
  invitations: daysOf('invitations'),
} satisfies Record<RetentionKind, z.ZodType<number>>);

function daysOf(kind: RetentionKind) {
  const { least, most } = retentionRules[kind];
  const error = `is not a number of days that is allowed; allowed: ${String(least)} to ${String(most)}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

export const defaultInternetAccess = z.object({ internetAccess: z.enum(internetAccessModes) });

/** Each by its name, which is its path below /settings. */
export const settingRoutes = {
  'wpc/subnet': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/wpc/subnet',
      summary: 'Read the ranges of tunnel addresses',
      answer: tunnelRanges,
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/wpc/subnet',
      summary: 'Change the ranges of tunnel addresses',
      body: tunnelRanges.partial(),
      answer: tunnelRanges,
    }),
  },
  'wpc/name': {
    read: defineRoute({
      method: 'GET',
      path: '/api/causeway/v1/settings/wpc/name',
      summary: 'Read the name of the WPC',
      answer: z.object({ name: z.string() }),
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/causeway/v1/settings/wpc/name',
      summary: 'Change the name of the WPC',
      body: wpcNameSetting,
      answer: z.object({ name: z.string() }),
    }),
  },
  'wpc/topology': {
    read: defineRoute({ method: 'GET', path: '/api/v1/settings/wpc/topology', summary: 'Read the topology', answer: 'text' }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/wpc/topology',
      summary: 'Change the topology',
      body: text,
      answer: 'text',
    }),
  },
  'wpc/default-region': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/wpc/default-region',
      summary: 'Read the region of what names none',
      answer: 'text',
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/wpc/default-region',
      summary: 'Change the region of what names none',
      body: text,
      answer: 'text',
    }),
  },
  'auth/two-factor-auth': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/auth/two-factor-auth',
      summary: 'Read whether a second factor is demanded of everybody',
      answer: z.boolean(),
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/auth/two-factor-auth',
      summary: 'Demand a second factor of everybody, or leave it to the groups',
      body: z.boolean(),
      answer: z.boolean(),
    }),
  },
  'auth/trusted-devices-allowed': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/auth/trusted-devices-allowed',
      summary: 'Read whether people may trust a browser, which is not asked for the second factor for 30 days',
      answer: z.boolean(),
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/auth/trusted-devices-allowed',
      summary: 'Let people trust browsers, or ask for the second factor at each sign-in; those that are trusted are forgotten',
      body: z.boolean(),
      answer: z.boolean(),
    }),
  },
  'user/connect-auth': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/user/connect-auth',
      summary: 'Read when new groups that say nothing ask their people at connect',
      answer: 'text',
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/user/connect-auth',
      summary: 'Change when new groups that say nothing ask their people at connect',
      body: z.enum(connectAuths),
      answer: 'text',
    }),
  },
  'user/device-allowance': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/user/device-allowance',
      summary: 'Read how many devices each user of a new group may have',
      answer: z.int(),
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/user/device-allowance',
      summary: 'Change how many devices each user of a new group may have',
      body: z.int(),
      answer: z.int(),
    }),
  },
  'user/profile-distribution': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/user/profile-distribution',
      summary: 'Read whether people add devices themselves (AUTOMATIC) or administrators do (MANUAL)',
      answer: 'text',
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/user/profile-distribution',
      summary: 'Change whether people add devices themselves (AUTOMATIC) or administrators do (MANUAL)',
      body: z.enum(profileDistributions),
      answer: 'text',
    }),
  },
  'user/device-enforcement': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/user/device-enforcement',
      summary: 'Read whether a profile may be used on one machine alone',
      answer: 'text',
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/user/device-enforcement',
      summary: 'Change whether a profile may be used on one machine alone',
      body: z.enum(deviceEnforcements),
      answer: 'text',
    }),
  },
  'dns/custom-servers': {
    read: defineRoute({
      method: 'GET',
      path: '/api/v1/settings/dns/custom-servers',
      summary: 'Read the resolvers that devices are told; none: an empty body',
      answer: resolvers.optional(),
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/v1/settings/dns/custom-servers',
      summary: 'Change the resolvers that devices are told',
      body: resolvers.partial(),
      answer: resolvers.optional(),
    }),
  },
  retention: {
    read: defineRoute({
      method: 'GET',
      path: '/api/causeway/v1/settings/retention',
      summary: 'Read for how many days events, audit, sessions, mails and invitations are kept',
      answer: retentionSetting,
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/causeway/v1/settings/retention',
      summary: 'Change for how many days they are kept; what is older goes within the hour',
      body: retentionSetting.partial(),
      answer: retentionSetting,
    }),
  },
  'internet-access': {
    read: defineRoute({
      method: 'GET',
      path: '/api/causeway/v1/settings/internet-access',
      summary: 'Read the internet access of what names none',
      answer: defaultInternetAccess,
    }),
    write: defineRoute({
      method: 'PUT',
      path: '/api/causeway/v1/settings/internet-access',
      summary: 'Change the internet access of what names none',
      body: defaultInternetAccess,
      answer: defaultInternetAccess,
    }),
  },
};
export type SettingName = keyof typeof settingRoutes;
