import type { Status } from '../contract/cli/status.ts';
import { printable, table } from './table.ts';

/** statusText is `status` for people; names may hold anything and are made printable. */
export function statusText(status: Status): string {
  return [
    `causeway ${printable(status.version)} ${status.ready ? 'is ready' : 'is not ready'}\n`,
    section('Tunnels', lanes(status)),
    section('Networks', networks(status)),
    section(
      'Problems',
      status.problems.map((problem) => [printable(problem.code), printable(problem.message)]),
    ),
  ].join('');
}

function lanes(status: Status): string[][] {
  return status.gateway.lanes.map((lane) => [
    printable(lane.id),
    `${lane.protocol} ${lane.port}`,
    lane.up ? 'up' : 'DOWN',
    lane.sessions === 1 ? '1 session' : `${lane.sessions} sessions`,
  ]);
}

function networks(status: Status): string[][] {
  return status.networks.flatMap((network) => [
    [printable(network.name), network.routes.map(printable).join(', ') || 'no routes'],
    ...network.connectors.map((connector) => [
      `  ${printable(connector.name)}`,
      printable(connector.connectionStatus),
      connector.ipV4Address === null ? '' : printable(connector.ipV4Address),
    ]),
  ]);
}

function section(title: string, rows: string[][]): string {
  return rows.length === 0 ? `${title}: none\n` : `${title}:\n${table(rows)}`;
}
