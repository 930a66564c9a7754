import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import type { PrefixText } from '../core/ip/prefix.ts';
import { strictPrefix } from '../core/ip/prefix.ts';
import { subtract } from '../core/ip/prefix-set.ts';
import { everything } from './decision.ts';
import { pushedTo } from './pushed.ts';
import type { Session } from './session.ts';

/** Why a session that is up is ended by the gateway; with the refusal reasons these are all the reasons that a report can carry. */
export type EndReason =
  | 'revoked'
  | 'suspended'
  | 'address-changed'
  | 'lane-removed'
  | 'routes-changed'
  | 'prefixes-changed'
  | 'superseded'
  | 'disconnected'
  | 'lane-ended';

/**
 * SessionFate is what a configuration means for a session: `keep`; `cut`: nothing of it may pass from this moment on; `restart`: it may
 * go on, but needs to connect again to learn something. HALT makes a 2.x client exit, RESTART lets it come back.
 */
export type SessionFate =
  | { readonly kind: 'keep' }
  | { readonly kind: 'cut'; readonly reason: EndReason; readonly how: 'HALT' | 'RESTART' }
  | { readonly kind: 'restart'; readonly reason: EndReason };

/** sessionFate is pure; equal inputs give equal fates. */
export function sessionFate(configuration: GatewayConfiguration, session: Session): SessionFate {
  const endpoint = configuration.endpoints[session.endpoint];
  const lane = configuration.lanes[session.lane];
  if (endpoint === undefined || configuration.certificates[session.serial] !== session.endpoint)
    return { kind: 'cut', reason: 'revoked', how: 'HALT' };
  if (endpoint.admission === 'suspended') return { kind: 'cut', reason: 'suspended', how: 'RESTART' };
  if (endpoint.address !== session.address) return { kind: 'cut', reason: 'address-changed', how: 'RESTART' };
  if (lane === undefined || (lane.kind === 'connector' && session.endpoint !== `connector:${lane.owner}`)) {
    return { kind: 'cut', reason: 'lane-removed', how: 'RESTART' };
  }
  // The daemon of a lane that is shared learns owners at connect only; on a lane of its own a connector is sent everything.
  if (missesPrefix(configuration, session)) return { kind: 'restart', reason: 'prefixes-changed' };
  if (missesRoute(configuration, session)) return { kind: 'restart', reason: 'routes-changed' };
  return { kind: 'keep' };
}

function missesPrefix(configuration: GatewayConfiguration, session: Session): boolean {
  if (session.owns.includes(everything)) return false;
  return Object.entries(configuration.prefixes).some(
    ([text, { network }]) =>
      !text.includes(':') &&
      configuration.networks[network]?.connectors[0] === session.endpoint &&
      !session.owns.includes(text as PrefixText),
  );
}

/**
 * A client is only restarted for a destination that it cannot reach without; a route that is too much costs nothing, since what must not
 * pass is decided here. Connectors with our agent are told routes by the controller.
 */
function missesRoute(configuration: GatewayConfiguration, session: Session): boolean {
  const endpoint = configuration.endpoints[session.endpoint];
  if (endpoint === undefined || session.pushed === null || session.peer.agent === true) return false;
  const now = pushedTo(configuration, endpoint);
  if (now === session.pushed) return false;
  return (
    subtract(
      now.map((text) => strictPrefix(text)),
      session.pushed.map((text) => strictPrefix(text)),
    ).length > 0
  );
}
