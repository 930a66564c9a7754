/**
 * src/controller/metrics is what Prometheus reads at /metrics: the table of all metrics, what this process counts, and what is read from the
 * database and from the gateways' reports when somebody asks. Tests: `node --test 'src/controller/metrics/*.test.ts'` (real PostgreSQL).
 */

/** MetricShape: `asked` ones are made anew for each answer, from what is true then; the others are kept by this process. */
export type MetricShape = {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly asked: boolean;
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
};

type Kept<Type extends MetricShape['type'], Label extends string> = {
  readonly type: Type;
  readonly help: string;
  readonly labels: readonly Label[];
  readonly asked: false;
};
type Asked<Label extends string> = {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly Label[];
  readonly asked: true;
};

function kept<const Type extends 'counter' | 'gauge', const Label extends string = never>(
  type: Type,
  help: string,
  labels: readonly Label[] = [],
): Kept<Type, Label> {
  return { type, help, labels, asked: false };
}

function times<const Label extends string = never>(
  help: string,
  buckets: readonly number[],
  labels: readonly Label[] = [],
): Kept<'histogram', Label> & { readonly buckets: readonly number[] } {
  return { type: 'histogram', help, labels, asked: false, buckets };
}

function asked<const Label extends string = never>(
  type: 'counter' | 'gauge',
  help: string,
  labels: readonly Label[] = [],
): Asked<Label> {
  return { type, help, labels, asked: true };
}

const ofGateway = ['gateway'] as const;
const ofLane = ['gateway', 'lane'] as const;
const ofConnector = ['site', 'connector'] as const;

/**
 * metricTable is every metric of ours by its name. docs/metrics.md says the same, and a test compares the two. No label has a value for each
 * device or person: what has as many series as there are people is a list, and lists are the API's.
 */
export const metricTable = {
  causeway_build_info: asked('gauge', 'Always 1; the version of the controller', ['version']),
  causeway_ready: asked('gauge', '1: database and gateways work, as causeway status says it'),
  causeway_problem: asked('gauge', 'Problems that causeway status names, by their code', ['code']),
  causeway_objects: asked('gauge', 'Objects of the WPC', ['kind']),
  causeway_revision: asked('gauge', 'Revision of the model'),
  causeway_events_first_sequence: asked('gauge', 'Number of the oldest event that is kept: who is behind it has missed some'),
  causeway_events_last_sequence: asked('gauge', 'Number of the newest event'),
  causeway_metrics_read_duration_seconds: asked('gauge', 'How long it took to read what this answer says'),
  causeway_metrics_omitted: asked('gauge', 'Objects that have no series of their own here, because there are too many', ['kind']),

  causeway_http_requests_total: kept('counter', 'Answers by route, method and class of status', ['route', 'method', 'status']),
  causeway_http_request_duration_seconds: times(
    'From the request to the end of the answer, without those that wait for news',
    [0.005, 0.02, 0.1, 0.5, 2.5],
    ['route', 'method'],
  ),
  causeway_http_refusals_total: kept('counter', 'Errors that the API answered with, by their code (docs/errors.md)', ['code']),
  causeway_sign_ins_total: kept('counter', 'Attempts of people to sign in to the portal', ['way', 'result']),
  causeway_event_streams: kept('gauge', 'Streams of events that are open: tabs of the portal, programs'),
  causeway_gateway_streams: kept('gauge', 'Configuration streams that gateways hold'),
  causeway_connector_polls: kept('gauge', 'Connectors that wait for news by long poll'),

  causeway_database_up: asked('gauge', '1: the database answered'),
  causeway_database_pool_connections: kept('gauge', 'Connections of this process to the database', ['state']),
  causeway_database_pool_waiting: kept('gauge', 'Queries that wait for a connection'),
  causeway_database_query_duration_seconds: times('Time of each statement', [0.001, 0.005, 0.02, 0.1, 0.5, 2.5]),
  causeway_database_query_errors_total: kept('counter', 'Statements that failed'),
  causeway_database_size_bytes: asked('gauge', 'Size of the database on disk'),
  causeway_database_connections: asked('gauge', 'Connections to the database, of whomever'),
  causeway_database_connections_limit: asked('gauge', 'Connections that the server allows'),

  causeway_job_runs_total: kept('counter', 'Runs of what is done regularly', ['name', 'result']),
  causeway_job_duration_seconds_total: kept('counter', 'Time that these runs took', ['name']),
  causeway_job_last_success_timestamp_seconds: kept('gauge', 'When it last went well; 0: not since the controller began', [
    'name',
  ]),
  causeway_mails: asked('gauge', 'Mails that wait, and those that were given up', ['state']),
  causeway_mail_queue_age_seconds: asked('gauge', 'Age of the mail that waits longest; 0: none waits'),
  causeway_backup_interval_seconds: asked('gauge', 'How often a backup is made by itself; 0: never'),
  causeway_backup_last_success_timestamp_seconds: asked('gauge', 'When the last good backup began; 0: none is known'),
  causeway_backup_last_success_bytes: asked('gauge', 'Size of the last good backup; 0: none is known'),

  causeway_certificate_expiry_timestamp_seconds: asked(
    'gauge',
    'When the certificate ends; of connectors and profiles the one that ends first',
    ['kind'],
  ),

  causeway_gateway_info: asked('gauge', 'Always 1; what the gateway is', [
    'gateway',
    'region',
    'agent_version',
    'openvpn_version',
  ]),
  causeway_gateway_up: asked('gauge', '1: it has reported within 30 seconds', ofGateway),
  causeway_gateway_last_report_timestamp_seconds: asked('gauge', 'When it reported last', ofGateway),
  causeway_gateway_applied_revision: asked('gauge', 'Revision that its kernel has', ofGateway),
  causeway_gateway_revision_lag_seconds: asked(
    'gauge',
    'For how long it has not had the next revision; 0: it has all',
    ofGateway,
  ),
  causeway_gateway_sessions: asked('gauge', 'Sessions whose packets pass', ['gateway', 'kind']),
  causeway_gateway_start_timestamp_seconds: asked(
    'gauge',
    'When its agent began; counters of the agent count from here',
    ofGateway,
  ),
  causeway_gateway_cpu_seconds_total: asked('counter', 'CPU time of its agent', ofGateway),
  causeway_gateway_resident_memory_bytes: asked('gauge', 'Memory of its agent', ofGateway),
  causeway_gateway_open_fds: asked('gauge', 'Open files of its agent', ofGateway),
  causeway_gateway_stream_opens_total: asked('counter', 'Times that it opened its configuration stream', ofGateway),
  causeway_gateway_failed_reports_total: asked('counter', 'Reports that did not reach the controller', ofGateway),
  causeway_gateway_changes_applied_total: asked('counter', 'Revisions that came and were applied', ofGateway),
  causeway_gateway_apply_duration_seconds_total: asked(
    'counter',
    'Time from a revision coming to the kernel having it',
    ofGateway,
  ),
  causeway_gateway_kernel_passes_total: asked('counter', 'Passes that compare the kernel with what it should hold', [
    'gateway',
    'result',
  ]),
  causeway_gateway_kernel_pass_duration_seconds_total: asked('counter', 'Time of these passes', ofGateway),
  causeway_gateway_kernel_repairs_total: asked('counter', 'Passes that put back what somebody else had changed', ofGateway),
  causeway_gateway_kernel_failed_steps_total: asked('counter', 'Changes that the kernel refused, by the program that made them', [
    'gateway',
    'tool',
  ]),
  causeway_gateway_connects_total: asked('counter', 'Clients that wanted to connect, by what they were told', [
    'gateway',
    'outcome',
  ]),
  causeway_gateway_failovers_total: asked('counter', 'Times that routes went from one connector to another', ['gateway', 'pool']),

  causeway_lane_up: asked('gauge', '1: its openvpn runs and is attended', ['gateway', 'lane', 'protocol']),
  causeway_lane_clients: asked('gauge', 'Clients that are connected to it', ofLane),
  causeway_lane_exits_total: asked('counter', 'Times that its openvpn ended although it was wanted', ofLane),
  causeway_lane_received_bytes_total: asked('counter', 'Bytes from its clients', ofLane),
  causeway_lane_sent_bytes_total: asked('counter', 'Bytes to its clients', ofLane),

  causeway_connector_info: asked('gauge', 'Always 1; what the connector is', [
    ...ofConnector,
    'kind',
    'region',
    'id',
    'openvpn_version',
  ]),
  causeway_connector_online: asked('gauge', '1: packets can pass its tunnel', ofConnector),
  causeway_connector_healthy: asked('gauge', '1: online, and the probes of it are answered or it needs none', ofConnector),
  causeway_connector_active: asked('gauge', '1: traffic of its site goes through it now', ofConnector),
  causeway_connector_suspended: asked('gauge', '1: an administrator has suspended it', ofConnector),
  causeway_connector_draining: asked('gauge', '1: an administrator has sent its traffic elsewhere', ofConnector),
  causeway_connector_last_seen_timestamp_seconds: asked('gauge', 'When its tunnel or its agent was heard of last', ofConnector),
  causeway_connector_probe_round_trip_seconds: asked('gauge', 'Round trip of the last probe that was answered', ofConnector),
  causeway_connector_probes_total: asked('counter', 'Probes through it', ['gateway', ...ofConnector, 'result']),
  causeway_connector_received_bytes_total: asked('counter', 'Bytes from it', ['gateway', ...ofConnector]),
  causeway_connector_sent_bytes_total: asked('counter', 'Bytes to it', ['gateway', ...ofConnector]),

  causeway_network_connectors: asked('gauge', 'Connectors of a network by how they are: all, online, healthy', [
    'network',
    'state',
  ]),
  causeway_network_egress_users: asked('gauge', 'Groups, networks and hosts whose internet traffic leaves by this network', [
    'network',
    'kind',
  ]),
  causeway_egress_refused_users: asked('gauge', 'Groups, networks and hosts whose internet traffic is refused', ['kind']),

  process_cpu_seconds_total: asked('counter', 'CPU time of the controller'),
  process_start_time_seconds: asked('gauge', 'When the controller began, since 1970'),
  process_resident_memory_bytes: asked('gauge', 'Memory of the controller'),
  process_open_fds: asked('gauge', 'Open files and connections of the controller'),
  process_max_fds: asked('gauge', 'As many may be open'),
  nodejs_heap_used_bytes: asked('gauge', 'Memory of it that is in use by objects'),
  nodejs_event_loop_busy_seconds_total: asked('counter', 'Time in which it did something, of one processor core'),
  nodejs_event_loop_late_seconds: asked('gauge', 'The longest time by which something began too late, since the last answer'),
} as const satisfies Record<string, MetricShape>;

export type MetricTable = typeof metricTable;
export type MetricName = keyof MetricTable;

/** LabelsOf gives the labels of a metric, each of which has to be said. */
export type LabelsOf<Name extends MetricName> = { readonly [Label in MetricTable[Name]['labels'][number]]: string };

/** Names by type, of those that this process keeps. */
export type KeptName<Type extends MetricShape['type']> = {
  [Name in MetricName]: MetricTable[Name] extends { readonly asked: false; readonly type: Type } ? Name : never;
}[MetricName];

export type AskedName = { [Name in MetricName]: MetricTable[Name]['asked'] extends true ? Name : never }[MetricName];
