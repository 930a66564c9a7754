/**
 * What a connector's agent (POSIX sh, curl; no JSON parser) and the controller say to each other (design.md 6). All under
 * /api/causeway/v1/connector-agent, bodies and answers are text/plain, answers are lines `WORD VALUE`, which the agent reads with `read`
 * and checks with `case` before it uses them. A refusal is one sentence.
 *
 *   POST enroll[?held=UUID]   Authorization: Bearer INSTALL-TOKEN, body: PKCS#10 PEM  -> EnrollAnswer
 *                             the same key may repeat it within the token's life; another key is refused (409) and raises an event,
 *                             and so does a machine that already is another connector than the token's (`held`)
 *   GET  profile              Bearer AGENT-CREDENTIAL -> .ovpn without <key> (the agent holds the key, and takes its own certificate)
 *   GET  desired?revision=N&wait=SECONDS[&asks=yes]   -> DesiredState at once if its revision is not N, else when it changes or after the wait
 *                             asks=yes: also as soon as a request waits for this agent, with its lines before `end` (agent-request.ts)
 *   POST answers?ask=UUID     body: answers to that request -> 204; 404 when it is not, or not any more, waited for
 *   POST certificate          body: PKCS#10 PEM of the same key -> PEM: the one that it has while that is fresh, else a new one
 *   POST credential           -> `credential SECRET`; the old one stays valid until the new one is first used
 *   POST observation[?took=MILLISECONDS]   body: sections (below) -> 204. Kept as received, judged in core; observed when the agent began,
 *                             which is that long ago
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
 *                                egress yes | egress no       (internet traffic of the WPC leaves here)
 *                                internet local | lan | machine  (what of it goes into the tunnel: core/connector-desired.ts)
 *                                profile HEX                  (hash of the profile; fetched again when it changes)
 *                                tunnel HEX                   (what the tunnel was made for; another value asks for a new one)
 *                                handover HOST PORT           (UDP lane to hand over by, make before break; absent: restart)
 *                                end
 * The agent's openvpn says `setenv UV_CAUSEWAY_AGENT 1` (with push-peer-info): the gateway then resets no tunnel of it because of routes,
 * which the agent learns here. A client without it is told to connect again when it misses one.
 * A DesiredState without its last line `end` was cut off and is ignored. ca-pin is absent where the controller's certificate is one that
 * every machine trusts.
 *
 * Observation: `== NAME SHA256` and the raw output, or `== NAME SHA256 same` for a section that was sent before. 409: one of those hashes
 * is not held here, send everything. The hash is the agent's, a name for what it sent (see connector-observation.ts).
 */
import type { ConnectorDesired } from '../core/connector-desired.ts';

export type DesiredState = ConnectorDesired & {
  readonly revision: number;
  readonly profileHash: string;
  /** Changes when the gateway can learn something only from a new tunnel: the prefixes of a connector on a shared lane. */
  readonly tunnelHash: string;
  readonly handover: { readonly host: string; readonly port: number } | null;
};

/** formatDesiredState gives the lines above; every value is a typed address, prefix or word, so nothing needs escaping. */
export function formatDesiredState(desired: DesiredState): string {
  const lines = [
    `revision ${desired.revision}`,
    `address ${desired.address}`,
    ...desired.ranges.map((prefix) => `range ${prefix}`),
    // There may be thousands: put together without a text for each.
    ...(desired.routes.length === 0 ? [] : [`route ${desired.routes.join('\nroute ')}`]),
    `nat ${desired.nat}`,
    ...desired.local.map((prefix) => `local ${prefix}`),
    `state ${desired.state}`,
    `gateway ${desired.gateway}`,
    `egress ${desired.egress ? 'yes' : 'no'}`,
    `internet ${desired.internet}`,
    `profile ${desired.profileHash}`,
    `tunnel ${desired.tunnelHash}`,
    ...(desired.handover === null ? [] : [`handover ${desired.handover.host} ${String(desired.handover.port)}`]),
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

/** withRequest puts the lines of a request (agent-request.ts) into the text of a desired state. */
export function withRequest(desired: string, lines: string): string {
  return lines === '' ? desired : desired.replace(/end\n$/, () => `${lines}end\n`);
}

/** Waits longer than this are shortened: an idle connection is cut by some NAT routers after a minute. */
export const longestDesiredWait_s = 55;

export type EnrollAnswer = { readonly connector: string; readonly credential: string; readonly caPin: string | undefined };

/** formatEnrollAnswer gives the lines above; a UUID, base64url and base64 need no escaping. */
export function formatEnrollAnswer({ connector, credential, caPin }: EnrollAnswer): string {
  return `connector ${connector}\ncredential ${credential}\n${caPin === undefined ? '' : `ca-pin ${caPin}\n`}`;
}
