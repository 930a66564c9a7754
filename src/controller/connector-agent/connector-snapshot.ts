/**
 * src/controller/connector-agent is what a connector's machine talks to: enrolment, desired state, renewal, observations, and the scripts
 * themselves. The contract is contract/connector-agent.ts. Tests: `node --test 'src/controller/connector-agent/*.test.ts'`.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { connectorStates } from '../../core/connector-desired.ts';
import type { ConnectorWpc } from '../../core/connector-desired.ts';
import type { DesiredState } from '../../contract/connector-agent.ts';
import { formatDesiredState } from '../../contract/connector-agent.ts';
import type { ConnectorId, RegionId } from '../../core/ids.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { handoverLane, lanePort } from '../../core/lanes.ts';
import type { Connector } from '../../core/model.ts';
import { connectorRemotes } from '../../core/profile-remotes.ts';
import type { RouteDeps } from '../deps.ts';
import type { ServingGateway } from '../pki/serving-gateway.ts';
import { readServingGateway } from '../pki/serving-gateway.ts';
import type { ModelTrx } from '../store/database.ts';
import { readConnectors, readHosts, readNetworks } from '../store/read-sites.ts';

/** ConnectorSnapshot is what connectors are told at one revision. */
export type ConnectorSnapshot = {
  readonly revision: number;
  /** The text of a connector's desired state; undefined for one that does not exist (any more). */
  readonly textOf: (id: ConnectorId) => string | undefined;
  /** Differs from that of another snapshot where the texts differ in more than the revision. Costs far less than the text. */
  readonly digestOf: (id: ConnectorId) => string | undefined;
};

/** Gives a snapshot of this revision or a later one; `now`: not older than the question. */
export type ConnectorSnapshotReader = (since: number | 'now') => Promise<ConnectorSnapshot>;

type SnapshotDeps = Pick<RouteDeps, 'store' | 'signer' | 'installation' | 'configurations'>;

/**
 * connectorSnapshots reads the tables once for each revision, however many connectors ask: a change wakes all of them at once. Nothing is read
 * for who can do with the revision that is held. Gateways are told first: what their routes do not have yet is of no use to a connector, and
 * reading for gateways and the answers to 1,000 connectors at the same time made a change take effect after a second and more.
 */
export function connectorSnapshots(deps: SnapshotDeps): ConnectorSnapshotReader {
  let held: Held | undefined;
  const hold = (revision: number): Held => {
    const reading = { revision, snapshot: deps.configurations.told(revision).then(() => readSnapshot(deps)) };
    reading.snapshot.then(
      (snapshot) => {
        // What it was asked for may be another: later, or earlier where a backup was restored.
        if (held === reading) held = { ...reading, revision: snapshot.revision };
      },
      // A failure must not be remembered.
      () => {
        if (held === reading) held = undefined;
      },
    );
    return (held = reading);
  };
  return async (since) => {
    if (since !== 'now') return (held !== undefined && held.revision >= since ? held : hold(since)).snapshot;
    const { revision } = await deps.store.database.selectFrom('wpc').select('revision').executeTakeFirstOrThrow();
    return (held?.revision === revision ? held : hold(revision)).snapshot;
  };
}

type Held = { readonly revision: number; readonly snapshot: Promise<ConnectorSnapshot> };

async function readSnapshot(deps: SnapshotDeps): Promise<ConnectorSnapshot> {
  const ca = await deps.signer.authority();
  return deps.store.database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const wpc = await readConnectorWpc(trx);
      const states = connectorStates(wpc);
      const tunnels = await readTunnels(trx, deps, wpc.connectors, ca);
      const { revision } = wpc;
      const desiredOf = (id: ConnectorId): DesiredState | undefined => {
        const state = states(id);
        return state === undefined ? undefined : { ...state, ...tunnels(id, state.local), revision };
      };
      const routable = hashOf([wpc.tunnelRanges, wpc.publicAddresses, wpc.networks.flatMap(({ prefixes }) => prefixes).sort()]);
      return {
        revision,
        textOf: (id) => {
          const desired = desiredOf(id);
          return desired === undefined ? undefined : formatDesiredState(desired);
        },
        digestOf: (id) => {
          const desired = desiredOf(id);
          // Routes follow from what is routable and what is local.
          return desired === undefined ? undefined : hashOf([routable, { ...desired, routes: null, revision: null }]);
        },
      };
    });
}

type Tunnel = Pick<DesiredState, 'profileHash' | 'tunnelHash' | 'handover'>;

/**
 * readTunnels names what each connector's tunnel is made of.
 *
 * `profileHash` names its profile (pki/agent-profile.ts): the certificate (tls-crypt-v2's key follows from it), the CA, the places to
 * connect to, and the version, whose directives may be others. Names are left out: the agent does not use them. Rendering 1,000 profiles
 * for each change would take seconds.
 *
 * `tunnelHash` names what the gateway learns only when the tunnel is made: on a shared lane the prefixes behind the connector (its iroutes).
 * A connector on a lane of its own has all of 0/0 there, and what is routed to it is the kernel's affair, so it never changes.
 */
async function readTunnels(
  trx: ModelTrx,
  { installation }: SnapshotDeps,
  connectors: readonly Connector[],
  ca: string,
): Promise<(id: ConnectorId, local: readonly PrefixText[]) => Tunnel> {
  const certificates = await trx
    .selectFrom('certificate')
    .distinctOn('connector_id')
    .select(['connector_id', 'serial'])
    .where('connector_id', 'is not', null)
    .where('agent_certificate', 'is not', null)
    .where('revoked_at', 'is', null)
    .where('not_after', '>', sql<Date>`now()`)
    .where('not_before', '<=', sql<Date>`now()`)
    .orderBy('connector_id')
    .orderBy('not_after', 'desc')
    .orderBy('serial')
    .execute();
  const lanes = await trx.selectFrom('lane_assignment').selectAll().execute();
  const gateways = new Map<RegionId, ServingGateway>();
  for (const region of new Set(connectors.map((connector) => connector.region))) {
    gateways.set(region, await readServingGateway(trx, installation, region));
  }
  const serialOf = new Map(certificates.map(({ connector_id, serial }) => [connector_id, serial]));
  const laneOf = new Map(lanes.map(({ connector_id, lane }) => [connector_id, lane]));
  const regionOf = new Map(connectors.map(({ id, region }) => [id, region]));
  return (id, local) => {
    const region = regionOf.get(id);
    const gateway = region === undefined ? undefined : gateways.get(region);
    const lane = laneOf.get(id) ?? null;
    const remotes = gateway === undefined ? [] : connectorRemotes(gateway, lane);
    const hasOwnLane = gateway !== undefined && lane !== null && lane < gateway.connectorLanes;
    return {
      profileHash: hashOf([installation.version, ca, serialOf.get(id) ?? null, remotes]),
      tunnelHash: hashOf(hasOwnLane ? 'own lane' : local),
      handover: gateway === undefined ? null : { host: gateway.host, port: lanePort(handoverLane, gateway.vpnPort) },
    };
  };
}

function hashOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function readConnectorWpc(trx: ModelTrx): Promise<ConnectorWpc> {
  const wpc = await trx.selectFrom('wpc').select(['revision', 'tunnel_ranges']).executeTakeFirstOrThrow();
  const networks = await readNetworks(trx);
  const hosts = await readHosts(trx);
  const connectors = await readConnectors(trx);
  const gateways = await trx.selectFrom('gateway').select('public_addresses').orderBy('id').execute();
  const publicAddresses = gateways.flatMap(({ public_addresses }) => public_addresses);
  return { revision: wpc.revision, tunnelRanges: wpc.tunnel_ranges, networks, hosts, connectors, publicAddresses };
}
