import type { Network } from '../../../contract/api/network.ts';
import type { User } from '../../../contract/api/user.ts';

/** TraceEnd is something that a trace may begin or end at, as `source` and `destination` want it, with what a person knows it by. */
export type TraceEndChoice = { readonly value: string; readonly label: string };

/** searchedText is the name in what is typed: without the kind before it, and without a device after it. */
export function searchedText(typed: string): string {
  return (
    typed
      .trim()
      .replace(/^(?:network|connector):/, '')
      .split('/')[0]
      ?.slice(0, 200) ?? ''
  );
}

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
  ];
}
