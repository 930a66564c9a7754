import { parseAddress4 } from '../../ip/address.ts';
import type { Prefix4 } from '../../ip/prefix.ts';
import { formatPrefix, strictPrefix } from '../../ip/prefix.ts';
import { definePlatform, documented, tested, unverified } from '../platform.ts';
import type { Words } from '../platform.ts';
import { text } from '../safe-text.ts';

type Hop = { readonly destination: Prefix4; readonly router: readonly number[] };

/**
 * classlessRoutes is the value of DHCP option 121 (RFC 3442): for each route the length of the prefix, those bytes of it that count, and
 * the router's address.
 */
export function classlessRoutes(hops: readonly Hop[]): readonly number[] {
  return hops.flatMap(({ destination, router }) => [
    destination.length,
    ...bytesOf(destination.base).slice(0, Math.ceil(destination.length / 8)),
    ...router,
  ]);
}

function bytesOf(value: number): readonly number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
}

function addressBytes(address: string): readonly number[] | undefined {
  const parsed = parseAddress4(address);
  return parsed.ok ? bytesOf(parsed.value.value) : undefined;
}

/** A client that is given option 121 ignores option 3, so the default is in the list: by the LAN's router, or by the connector if that is asked. */
function hopsOf(words: Words): readonly { readonly destination: Prefix4; readonly router: string }[] {
  const routes = words.routes.map((destination) => ({ destination, router: words.via }));
  if (words.routes.some(({ length }) => length === 0)) return routes;
  const everything = strictPrefix('0.0.0.0/0');
  return everything.family === 4 ? [...routes, { destination: everything, router: words.router }] : routes;
}

const mostBytes = 255;

export const dhcp = definePlatform('dhcp', {
  name: 'DHCP option 121 (all machines of a LAN)',
  sharedSpace: 'yes',
  takesDefault: true,
  evidence: 'documented',
  console: [
    'In the DHCP server of the LAN: option 121 (and 249 for old Windows) with the hexadecimal value. Machines take it with their next lease.',
  ],
  notes: [
    documented('A machine that is given option 121 ignores option 3, so the default route stands in the list too (RFC 3442).'),
    tested('The hexadecimal value reads back to the routes.'),
    unverified('It takes the router out of the way of answers, so that a stateful router on the same LAN is no trouble.'),
    unverified('The connector must not take these routes: give it a fixed address without DHCP.'),
    unverified(
      `More than ${String(mostBytes)} bytes do not fit into one option; many servers and clients cannot split it (RFC 3396).`,
    ),
  ],
  write: (words) => {
    const hops = hopsOf(words);
    const encoded = hops.map(({ destination, router }) => {
      const bytes = addressBytes(router);
      return bytes === undefined ? undefined : { destination, router: bytes };
    });
    const known = encoded.filter((hop) => hop !== undefined);
    const listed = hops.map(({ destination, router }) => `${formatPrefix(destination)},${router}`).join(',');
    const bytes = known.length === encoded.length ? classlessRoutes(known) : [];
    const value =
      bytes.length === 0
        ? ['# The hexadecimal value needs the addresses that are written in capitals here.']
        : [
            ...(bytes.length > mostBytes ? [`# ${String(bytes.length)} bytes: too long for one option.`] : []),
            `# Hexadecimal value of options 121 and 249:`,
            bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
            '# ISC dhcpd:',
            'option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;',
            `option rfc3442-classless-static-routes ${bytes.join(', ')};`,
          ];
    return {
      add: text(`# ${words.title}`, '# dnsmasq:', `dhcp-option=121,${listed}`, `dhcp-option=249,${listed}`, value),
      remove: text('# Take options 121 and 249 out of the DHCP server; machines forget the routes with their next lease.'),
      verify: text(
        '# On a machine, after its next lease (Linux: ip route; Windows: route print -4; macOS: netstat -rn -f inet).',
      ),
    };
  },
});
