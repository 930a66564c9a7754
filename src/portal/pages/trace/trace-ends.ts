import type { Network } from '../../../contract/api/network.ts';
import type { User } from '../../../contract/api/user.ts';

/** TraceEnd is something that a trace may begin or end at, as `source` and `destination` want it, with what a person knows it by. */
export type TraceEndChoice = { readonly value: string; readonly label: string };

/** As many as a list of suggestions is read for; typing narrows what the browser shows of them. */
const mostEnds = 2_000;

/** traceEnds suggests people, their devices where they have several, networks and connectors. Any address may be typed. */
export function traceEnds(networks: readonly Network[], users: readonly User[]): readonly TraceEndChoice[] {
  return [
    ...users.flatMap(({ username, devices }): TraceEndChoice[] => [
      { value: username, label: devices[0]?.ipV4Address ?? '' },
      ...(devices.length < 2
        ? []
        : devices.map(({ name, ipV4Address }) => ({ value: `${username}/${name}`, label: ipV4Address }))),
    ]),
    ...networks.flatMap(({ name, routes, connectors }): TraceEndChoice[] => [
      { value: `network:${name}`, label: routes.map(({ subnet }) => subnet).join(', ') },
      ...connectors.map((connector) => ({ value: `connector:${connector.name}`, label: connector.ipV4Address })),
    ]),
  ].slice(0, mostEnds);
}
