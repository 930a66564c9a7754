import type { Status, StatusConnector } from '../contract/cli/status.ts';
import { printable, table } from './table.ts';

/** statusText is `status` for people; names may hold anything and are made printable. */
export function statusText(status: Status): string {
  return [
    `causeway ${printable(status.version)} ${status.ready ? 'is ready' : 'is not ready'}\n`,
    section('Tunnels', lanes(status)),
    section('Networks', networks(status)),
    ...(status.hosts.length === 0 ? [] : [section('Hosts', hosts(status))]),
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
    [
      printable(network.name),
      [network.routes.map(printable).join(', ') || 'no routes', ...(network.egress ? ['internet gateway'] : [])].join(', '),
    ],
    ...network.connectors.map(connectorRow),
  ]);
}

function hosts(status: Status): string[][] {
  return status.hosts.flatMap((host) => [[printable(host.name)], ...host.connectors.map(connectorRow)]);
}

function connectorRow(connector: StatusConnector): string[] {
  return [
    `  ${printable(connector.name)}`,
    printable(connector.connectionStatus),
    connector.ipV4Address === null ? '' : printable(connector.ipV4Address),
    connector.role === 'offline' ? '' : connector.role,
    healthText(connector),
  ];
}

/** What is well needs no reason, and that of what is offline is told by the word beside it unless it is suspended. */
function healthText({ role, health, healthReason }: StatusConnector): string {
  if (role === 'offline') return printable(healthReason);
  if (health === 'not-probed') return '';
  return health === 'healthy' ? health : `${health}: ${printable(healthReason)}`;
}

function section(title: string, rows: string[][]): string {
  return rows.length === 0 ? `${title}: none\n` : `${title}:\n${table(rows)}`;
}
