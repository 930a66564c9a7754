import type { StatusProblem } from '../../contract/cli/status.ts';
import { restrictedClass } from '../../core/egress-classes.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { standingOf } from '../domain/connector-standing.ts';
import type { ConnectorView } from '../domain/connector-view.ts';
import type { InternetUsage } from '../domain/internet-use.ts';
import { namesOf } from '../domain/internet-users.ts';
import type { ReportedHealth } from '../domain/reported-health.ts';
import { shownName } from '../domain/shown-name.ts';

type ProblemNetwork = {
  readonly id: NetworkId;
  readonly name: string;
  readonly egress: boolean;
  readonly probe_targets: readonly AddressText[];
};
type ProblemConnector = Pick<ConnectorView, 'id' | 'name' | 'site' | 'region' | 'suspended' | 'draining' | 'online'> & {
  readonly lan_router: AddressText | null;
};

/** A target answers within milliseconds of the first probe; before this time has passed nobody has waited for it. */
const targetPatience_ms = 10_000;

/** connectorProblems is what is wrong with the connectors of a network that are connected. */
export function connectorProblems(
  network: ProblemNetwork,
  connectors: readonly ProblemConnector[],
  health: ReportedHealth,
  now: Date,
): StatusProblem[] {
  const of = ` of network ${shownName(network.name)}`;
  return connectors.flatMap((connector) => {
    if (!connector.online) return [];
    const standing = standingOf(connector, connectors, health);
    const name = `The connector ${shownName(connector.name)}${of}`;
    const problems: StatusProblem[] = [];
    if (standing.health === 'unhealthy') {
      problems.push({
        code: 'connector-unhealthy',
        message: `${name} is connected, but nothing passes through it: ${standing.healthReason}. Look at its machine and the LAN behind it; causeway drain takes it out of the way.`,
      });
    }
    if (network.egress && standing.lane === null) {
      problems.push({
        code: 'egress-on-shared-lane',
        message: `${name} has no lane of its own and so cannot be an internet gateway: lanes have run out. Delete connectors that are not used any more; a free lane is given to it at once.`,
      });
    }
    // The gateway counts what was named only once it has answered; until then it says that only the tunnel is probed.
    const [target] = network.probe_targets.length > 0 ? network.probe_targets : [connector.lan_router ?? undefined];
    const isSilent = standing.health === 'healthy' && standing.probeTarget === null && target !== undefined;
    if (isSilent && standing.healthSince !== null && now.getTime() - Date.parse(standing.healthSince) > targetPatience_ms) {
      problems.push({
        code: 'probe-target-silent',
        message: `${name} is probed by its tunnel alone, because ${target} behind it has never answered a ping: when its LAN fails, nobody notices. Let it answer pings, or name another address in probeTargets of the network.`,
      });
    }
    return problems;
  });
}

/** internetProblems is whose internet traffic is refused, and what to do. */
export function internetProblems(networks: readonly ProblemNetwork[], usage: InternetUsage): StatusProblem[] {
  const concerned = usage.users.filter(({ key }) => key !== restrictedClass || usage.resolvers.length > 0);
  if (concerned.length === 0) return [];
  if (!networks.some(({ egress }) => egress)) {
    return [
      {
        code: 'no-internet-gateway',
        message: `There is no internet gateway, so the internet traffic of ${namesOf(concerned)} is refused. Set egress of a network that may carry it, or set internetAccess SPLIT_TUNNEL_ON there.`,
      },
    ];
  }
  // One sentence for all that are refused for the same reason.
  const byReason = Map.groupBy(usage.refusals, ({ reason, gatewayRegion }) => `${gatewayRegion}: ${reason}`);
  return [...byReason].map(([reason, refused]) => ({
    code: 'egress-refused',
    message: `The internet traffic of ${namesOf(refused)} is refused (${reason}). Connect a connector of an internet gateway that it may use, put the one that is there right, or allow others in gatewaysIds.`,
  }));
}
