/** The tables of store/migrations as Kysely sees them. schema.test.ts compares names and nullability with a migrated database. */
import type { ColumnType, Generated, JSONColumnType, Selectable, Updateable } from 'kysely';
import type { MailKind, MailSecurity, MailState } from '../../contract/api/mail.ts';
import type { TraceRequest } from '../../contract/api/trace.ts';
import type { TrafficPart } from '../../contract/api/traffic.ts';
import type { DevicePlatform, SecondFactorDemand } from '../../contract/api/words.ts';
import type { ConnectAuth } from '../../core/connect-authentication.ts';
import type { DeviceEnforcement } from '../../core/device-identity.ts';
import type {
  ConnectAttemptId,
  ConnectorId,
  DeviceId,
  GatewayId,
  HostId,
  MailId,
  NetworkId,
  NetworkRouteId,
  RegionId,
  Serial,
  SessionId,
  UserGroupId,
  UserId,
  PasskeyId,
  WebSessionId,
} from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import type { NatMode } from '../../core/model.ts';
import type { CloudId, CloudState } from '../../core/trace/cloud/cloud-state.ts';
import type { LanStatement } from '../../core/trace/statement.ts';
import type { Verdict } from '../../core/trace/words.ts';

export type InternetAccess = 'SPLIT_TUNNEL_ON' | 'SPLIT_TUNNEL_OFF' | 'RESTRICTED_INTERNET';
export type Topology = 'FULL_MESH' | 'CUSTOM';
export type UserRole = 'OWNER' | 'ADMIN' | 'MEMBER';
export type ProfileDistribution = 'AUTOMATIC' | 'MANUAL';
export type UserStatus = 'INVITED' | 'ACTIVE' | 'SUSPENDED';

/** Given by the database when the row is made, and never changed. */
type Created = ColumnType<Date, Date | undefined, never>;
type Sequence = ColumnType<number, never, never>;
type Json<Value extends object> = JSONColumnType<Value, string | undefined, string>;

export type RegionTable = { id: RegionId; continent: string; country: string; country_iso: string; name: string };

export type WpcTable = {
  singleton: Generated<boolean>;
  cloud_id: Generated<string>;
  name: Generated<string>;
  revision: Generated<number>;
  event_seq: Generated<number>;
  tunnel_ranges: Generated<PrefixText[]>;
  topology: Generated<Topology>;
  default_region: Generated<RegionId>;
  default_internet_access: Generated<InternetAccess>;
  device_allowance: Generated<number>;
  vpn_port: Generated<number>;
  dns_servers: Generated<AddressText[]>;
  profile_distribution: Generated<ProfileDistribution>;
  device_enforcement: Generated<DeviceEnforcement>;
  device_allowance_forced: Generated<boolean>;
  two_factor_auth: Generated<boolean>;
  trusted_devices_allowed: Generated<boolean>;
  connect_auth: Generated<ConnectAuth>;
  /** Days by kind, only what was set: core/retention.ts. */
  retention: Json<Partial<Record<string, number>>>;
};

export type GatewayTable = {
  id: Generated<GatewayId>;
  name: string;
  region: RegionId;
  token_sha256: Buffer | null;
  hostname: string | null;
  vpn_port: Generated<number>;
  user_lanes: Generated<number>;
  connector_lanes: Generated<number>;
  cores: number | null;
  openvpn_version: string | null;
  agent_version: string | null;
  applied_revision: number | null;
  lanes: Json<unknown[]>;
  problems: Json<unknown[]>;
  connectors: Json<unknown[]>;
  pools: Json<unknown[]>;
  trusts: Json<string[]>;
  public_addresses: Generated<AddressText[]>;
  reported_at: Date | null;
  created_at: Created;
};

export type NetworkTable = {
  id: Generated<NetworkId>;
  number: Sequence;
  name: string;
  description: Generated<string>;
  nat: Generated<NatMode>;
  internet_access: Generated<InternetAccess>;
  egress: Generated<boolean>;
  gateways_ids: Generated<NetworkId[]>;
  probe_targets: Generated<AddressText[]>;
  created_at: Created;
};

export type NetworkRouterTable = {
  network_id: NetworkId;
  platform: string;
  parameters: Json<Record<string, string>>;
};

export type NetworkRouteTable = {
  id: Generated<NetworkRouteId>;
  number: Sequence;
  network_id: NetworkId;
  prefix: PrefixText;
  description: Generated<string>;
  created_at: Created;
};

export type HostTable = {
  id: Generated<HostId>;
  number: Sequence;
  name: string;
  description: Generated<string>;
  domain: string | null;
  internet_access: Generated<InternetAccess>;
  gateways_ids: Generated<NetworkId[]>;
  created_at: Created;
};

export type ConnectorTable = {
  id: Generated<ConnectorId>;
  number: Sequence;
  name: string;
  description: Generated<string>;
  network_id: NetworkId | null;
  host_id: HostId | null;
  region: RegionId;
  suspended: Generated<boolean>;
  draining: Generated<boolean>;
  lan_router: AddressText | null;
  created_at: Created;
};

export type UserGroupTable = {
  id: Generated<UserGroupId>;
  number: Sequence;
  name: string;
  internet_access: Generated<InternetAccess>;
  max_device: Generated<number>;
  connect_auth: Generated<ConnectAuth>;
  second_factor: Generated<SecondFactorDemand>;
  all_regions_included: Generated<boolean>;
  regions: Generated<RegionId[]>;
  gateways_ids: Generated<NetworkId[]>;
  tunnel_bypass: Generated<PrefixText[]>;
  created_at: Created;
};

export type AppUserTable = {
  id: Generated<UserId>;
  number: Sequence;
  username: string;
  first_name: Generated<string>;
  last_name: Generated<string>;
  email: Generated<string>;
  group_id: UserGroupId;
  secondary_group_ids: Generated<UserGroupId[]>;
  role: Generated<UserRole>;
  status: Generated<UserStatus>;
  created_at: Created;
};

export type DeviceTable = {
  id: Generated<DeviceId>;
  number: Sequence;
  user_id: UserId;
  name: string;
  description: Generated<string>;
  client_uuid: Generated<string>;
  machine_forgotten_at: Date | null;
  user_lane: Generated<number>;
  platform: DevicePlatform | null;
  created_at: Created;
};

export type TunnelAddressTable = {
  address: AddressText;
  connector_id: ConnectorId | null;
  device_id: DeviceId | null;
  released_at: Date | null;
};

export type CertificateTable = {
  serial: Serial;
  connector_id: ConnectorId | null;
  device_id: DeviceId | null;
  key_sha256: Buffer | null;
  not_before: Date;
  not_after: Date;
  revoked_at: Date | null;
  first_used_at: Date | null;
  created_at: Created;
  agent_certificate: string | null;
};

export type EgressClassTable = { key: string; number: number };

export type LaneAssignmentTable = { connector_id: ConnectorId; lane: number };

export type InstallTokenTable = {
  id: Generated<string>;
  token_sha256: Buffer;
  connector_id: ConnectorId;
  created_at: Created;
  expires_at: Date;
  used_at: Date | null;
  used_by_key_sha256: Buffer | null;
};

export type AgentCredentialTable = {
  id: Generated<string>;
  secret_sha256: Buffer;
  connector_id: ConnectorId;
  created_at: Created;
  expires_at: Date;
  first_used_at: Date | null;
};

export type ApiCredentialTable = {
  id: Generated<string>;
  number: Sequence;
  name: string;
  client_id: string;
  secret_sha256: Buffer;
  permissions: string[];
  created_at: Created;
  expires_at: Date | null;
  last_used_at: Date | null;
  allowed_prefixes: Generated<PrefixText[]>;
  authority: Generated<'OWNER' | 'ADMIN'>;
  created_by: Generated<string>;
};

export type AccessTokenTable = { token_sha256: Buffer; api_credential_id: string; created_at: Created; expires_at: Date };

export type SessionTable = {
  id: Generated<SessionId>;
  gateway_id: GatewayId;
  key: string;
  lane: string;
  connector_id: ConnectorId | null;
  device_id: DeviceId | null;
  user_id: UserId | null;
  serial: Serial;
  state: 'established' | 'ended' | 'refused';
  reason: string | null;
  client_address: string;
  tunnel_address: AddressText | null;
  region: RegionId;
  connector_name: string | null;
  site_name: string | null;
  user_name: string | null;
  device_name: string | null;
  client_version: string | null;
  platform: string | null;
  bytes_in: Generated<number>;
  bytes_out: Generated<number>;
  started_at: Date;
  ended_at: Date | null;
  updated_at: Generated<Date>;
  counted_at: Date | null;
  counted_in: Generated<number>;
  counted_out: Generated<number>;
  rated_since: Date | null;
  rate_in: number | null;
  rate_out: number | null;
};

export type TrafficSampleTable = {
  site_id: NetworkId | HostId;
  at: Date;
  part: TrafficPart;
  gateway_id: GatewayId;
  bytes_in: Generated<number>;
  bytes_out: Generated<number>;
};

export type ObservationTable = {
  connector_id: ConnectorId;
  section: string;
  body: string;
  observed_at: Date;
  hash: string | null;
};

export type EventTable = {
  seq: number;
  revision: number;
  topic: string;
  entity: string;
  entity_id: string;
  payload: Json<Record<string, unknown>>;
  at: Created;
};

export type AuditTable = {
  id: Sequence;
  at: Created;
  principal_kind: string;
  principal_id: string | null;
  principal_name: string;
  source_address: string | null;
  request_id: string | null;
  action: string;
  entity: string;
  entity_id: string;
  before: JSONColumnType<object, string | null, never> | null;
  after: JSONColumnType<object, string | null, never> | null;
  revision: number | null;
};

export type AppliedChangeTable = {
  gateway_id: GatewayId | null;
  connector_id: ConnectorId | null;
  revision: number;
  told: Json<Record<string, unknown>>;
  at: Created;
};

export type TraceTable = {
  id: Generated<string>;
  number: Sequence;
  revision: number;
  asked_at: Date;
  principal_kind: string;
  principal_name: string;
  asked: Json<TraceRequest>;
  verdict: Verdict;
  needs: string[];
  result: Json<object>;
};

export type LanStatementTable = { network_id: NetworkId; statement: Json<LanStatement> };

export type CloudStateTable = {
  network_id: NetworkId;
  cloud: CloudId;
  state: Json<CloudState>;
  read_at: Date;
  how: 'stated' | 'api';
};

export type EncryptedProfileTable = {
  reference_sha256: Buffer;
  connector_id: ConnectorId;
  blob: string;
  created_at: Created;
  expires_at: Date;
};

export type DeviceAuthenticationTable = { device_id: DeviceId; authenticated_at: Date };

export type ConnectAttemptTable = {
  id: Generated<ConnectAttemptId>;
  secret_sha256: Buffer;
  way: 'web' | 'code';
  gateway_id: GatewayId;
  device_id: DeviceId;
  client_address: string;
  role: UserRole;
  group_id: UserGroupId;
  state: Generated<'waiting' | 'approved' | 'refused' | 'gone'>;
  created_at: Created;
  expires_at: Date;
};

export type SecretTable = { name: string; nonce: Buffer; ciphertext: Buffer; created_at: Created };

export type AccountTable = {
  user_id: UserId;
  password_hash: string;
  password_changed_at: Generated<Date>;
  totp_secret: Buffer | null;
  totp_last_step: number | null;
  totp_pending: Buffer | null;
};

export type PasskeyTable = {
  id: Generated<PasskeyId>;
  user_id: UserId;
  credential_id: Buffer;
  public_key: Buffer;
  counter: number;
  transports: Generated<string[]>;
  name: string;
  created_at: Generated<Date>;
  last_used_at: Date | null;
};

export type PasskeyChallengeTable = { challenge_sha256: Buffer; session_id: WebSessionId | null; expires_at: Date };

export type RecoveryCodeTable = { code_sha256: Buffer; user_id: UserId };

export type WebSessionTable = {
  id: Generated<WebSessionId>;
  token_sha256: Buffer;
  user_id: UserId;
  state: 'second-factor' | 'signed-in';
  started_at: Created;
  last_seen_at: Generated<Date>;
  expires_at: Date;
  source_address: string | null;
  user_agent: Generated<string>;
};

export type BrowserTable = { token_sha256: Buffer; user_id: UserId; expires_at: Date; trusted_until: Date | null };

export type OneTimeLinkTable = {
  token_sha256: Buffer;
  purpose: 'set-up' | 'password';
  user_id: UserId | null;
  expires_at: Date;
};

export type SignInAllowanceTable = { key: Buffer; level: number; at: Generated<Date> };

export type MailServerTable = {
  singleton: Generated<boolean>;
  host: string;
  port: number;
  security: MailSecurity;
  username: string | null;
  password: Buffer | null;
  sender_address: string;
  sender_name: string | null;
  ca_certificate: string | null;
};

export type MailTable = {
  id: MailId;
  number: Sequence;
  kind: MailKind;
  user_id: UserId;
  recipient: string;
  state: Generated<MailState>;
  content: Buffer | null;
  attempts: Generated<number>;
  due_at: Generated<Date>;
  sending_until: Date | null;
  answer: string | null;
  created_at: Created;
  settled_at: Date | null;
  expires_at: Date;
};

export type InvitationTable = {
  token_sha256: Buffer;
  user_id: UserId;
  created_at: Created;
  expires_at: Date;
  ended_at: Date | null;
  ended_by: 'accepted' | 'replaced' | 'withdrawn' | null;
};

export type ProfileLinkTable = {
  device_id: DeviceId;
  token_sha256: Buffer;
  region: RegionId | null;
  expires_at: Date;
  downloads: Generated<number>;
  serial: Serial | null;
};

export type BackupKind = 'by-hand' | 'scheduled';

export type BackupRunTable = {
  id: Sequence;
  kind: BackupKind;
  started_at: Date;
  ended_at: Date;
  file: string;
  bytes: number | null;
  error: string | null;
};

export type BackupScheduleTable = {
  singleton: Generated<boolean>;
  every_s: number;
  keep: number;
  directory: string;
  set_at: Date;
};

export type ConditionTable = {
  key: string;
  code: string;
  level: string;
  entity: string;
  entity_id: string;
  message: string;
  since: Generated<Date>;
  seen_at: Generated<Date>;
};

export type SweepStateTable = { singleton: Generated<boolean>; swept_at: Date | null; held_since: Date | null };

export type Schema = {
  condition: ConditionTable;
  sweep_state: SweepStateTable;
  region: RegionTable;
  wpc: WpcTable;
  gateway: GatewayTable;
  network: NetworkTable;
  network_route: NetworkRouteTable;
  network_router: NetworkRouterTable;
  host: HostTable;
  connector: ConnectorTable;
  user_group: UserGroupTable;
  app_user: AppUserTable;
  device: DeviceTable;
  tunnel_address: TunnelAddressTable;
  certificate: CertificateTable;
  lane_assignment: LaneAssignmentTable;
  egress_class: EgressClassTable;
  install_token: InstallTokenTable;
  agent_credential: AgentCredentialTable;
  api_credential: ApiCredentialTable;
  access_token: AccessTokenTable;
  session: SessionTable;
  traffic_sample: TrafficSampleTable;
  observation: ObservationTable;
  event: EventTable;
  audit: AuditTable;
  applied_change: AppliedChangeTable;
  trace: TraceTable;
  lan_statement: LanStatementTable;
  cloud_state: CloudStateTable;
  encrypted_profile: EncryptedProfileTable;
  secret: SecretTable;
  device_authentication: DeviceAuthenticationTable;
  connect_attempt: ConnectAttemptTable;
  account: AccountTable;
  passkey: PasskeyTable;
  passkey_challenge: PasskeyChallengeTable;
  recovery_code: RecoveryCodeTable;
  web_session: WebSessionTable;
  browser: BrowserTable;
  one_time_link: OneTimeLinkTable;
  sign_in_allowance: SignInAllowanceTable;
  mail_server: MailServerTable;
  mail: MailTable;
  invitation: InvitationTable;
  profile_link: ProfileLinkTable;
  backup_run: BackupRunTable;
  backup_schedule: BackupScheduleTable;
};

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>;
export type RowUpdate<Table extends keyof Schema> = Updateable<Schema[Table]>;
