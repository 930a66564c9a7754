/**
 * Settings of the vendor's API whose feature this version does not have. Each is served with the one value that is true, so that clients
 * which read all of them work (api.md 7), and refuses every other value with the reason.
 */
type Described = {
  /** Below /api/v1. */
  readonly path: string;
  /** Continues "VALUE …"; says what is missing. */
  readonly why: string;
  readonly readOnly?: true;
};

/** How the value travels (api.md 1.5): bare text or JSON. */
export type FixedSetting =
  | (Described & { readonly format: 'text'; readonly value: string })
  | (Described & { readonly format: 'json'; readonly value: number | boolean | object });

const noMappings = 'is not available: people sign in with accounts of their own here; SAML and LDAP do not exist yet';
const noDnsProxy = 'is not available: the DNS proxy does not exist yet';

export const fixedSettings: readonly FixedSetting[] = [
  { path: '/settings/auth/saml/group-mappings', format: 'json', value: [], why: noMappings, readOnly: true },
  { path: '/settings/auth/ldap/group-mappings', format: 'json', value: [], why: noMappings, readOnly: true },
  { path: '/settings/dns/default-suffix', format: 'text', value: '', why: noDnsProxy },
  { path: '/settings/dns/proxy-enabled', format: 'json', value: false, why: noDnsProxy },
  { path: '/settings/dns/zones', format: 'json', value: { zones: [] }, why: noDnsProxy },
  {
    path: '/settings/users/connection-timeout',
    format: 'json',
    value: 0,
    why: 'is not available: connections have no time limit',
  },
  { path: '/settings/wpc/client-options', format: 'json', value: [], why: 'is not available: there are no client options' },
  {
    path: '/settings/wpc/domain-routing-subnet',
    format: 'json',
    value: { ipV4Address: '', ipV6Address: '' },
    why: 'is not available: routing by domain does not exist yet',
  },
  {
    path: '/settings/wpc/ip-allocation-mode',
    format: 'text',
    value: 'IP_V4_ONLY',
    why: 'is not available: tunnels carry IPv4 only',
  },
  {
    path: '/settings/wpc/routes-advanced-configuration-enabled',
    format: 'json',
    value: false,
    why: 'is not available: there is no advanced configuration of routes',
  },
  {
    path: '/settings/wpc/snat',
    format: 'json',
    value: false,
    why: 'is not available for the whole WPC: address translation is a setting of each network (nat: masquerade or routed)',
  },
];

/** The two switches that have a path for each position (api.md 4); both features do not exist, so both are off. */
export const fixedSwitches: readonly { readonly path: string; readonly why: string }[] = [
  {
    path: '/dns-log/user-dns-resolutions',
    why: 'The DNS log cannot be switched on: the DNS proxy, whose answers it would hold, does not exist yet.',
  },
  { path: '/access-visibility', why: 'Access visibility cannot be switched on: flows are not recorded yet.' },
];
