/**
 * What a connector's agent (POSIX sh, curl; no JSON parser) and the controller say to each other (design.md 6). All under
 * /api/causeway/v1/connector-agent, answers are text/plain lines `WORD VALUE`, which the agent reads with `read` and checks with
 * `case` before it uses them:
 *
 *   POST enroll               Authorization: Bearer INSTALL-TOKEN, body: PKCS#10 PEM  -> EnrollAnswer
 *                             the same key may repeat it within the token's life; another key is refused (409) and raises an event
 *   GET  profile              Bearer AGENT-CREDENTIAL -> text/plain .ovpn without <key> (the agent holds the key)
 *   GET  desired?revision=N&wait=SECONDS   -> DesiredState at once if its revision is not N, else when it changes or after the wait
 *   POST certificate          body: PKCS#10 PEM of the same key -> PEM, before the old one expires
 *   POST credential           -> a new agent credential; the old one stays valid until the new one is first used
 *   POST observation          body: sections `== NAME` followed by the raw output; -> 204. Kept as received, judged in core.
 *
 * EnrollAnswer:                DesiredState:
 *   connector UUID               revision N
 *   credential SECRET            address 100.96.0.100
 *   ca-pin sha256//BASE64        range 100.96.0.0/11          (one line for each tunnel range)
 *                                route 192.168.0.0/22         (one line for each prefix to route into the tunnel)
 *                                nat masquerade | nat routed
 *                                local 10.0.0.0/18            (prefixes that this network itself serves)
 *                                state active | state suspended
 *                                gateway 100.96.0.1           (the address to probe for liveness)
 *                                profile HEX                  (hash of the profile; fetched again when it changes)
 *                                end
 * A DesiredState without its last line `end` was cut off and is ignored.
 */
import type { AddressText } from '../core/ip/address.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import type { NatMode } from '../core/model.ts';

export type DesiredState = {
  readonly revision: number;
  readonly address: AddressText;
  readonly ranges: readonly PrefixText[];
  readonly routes: readonly PrefixText[];
  readonly nat: NatMode;
  readonly local: readonly PrefixText[];
  readonly state: 'active' | 'suspended';
  readonly gateway: AddressText;
  readonly profileHash: string;
};

/** formatDesiredState gives the lines above; every value is a typed address, prefix or word, so nothing needs escaping. */
export function formatDesiredState(desired: DesiredState): string {
  const lines = [
    `revision ${desired.revision}`,
    `address ${desired.address}`,
    ...desired.ranges.map((prefix) => `range ${prefix}`),
    ...desired.routes.map((prefix) => `route ${prefix}`),
    `nat ${desired.nat}`,
    ...desired.local.map((prefix) => `local ${prefix}`),
    `state ${desired.state}`,
    `gateway ${desired.gateway}`,
    `profile ${desired.profileHash}`,
    'end',
  ];
  return `${lines.join('\n')}\n`;
}
