/**
 * src/controller is the HTTP API, the store, the PKI and what gateways and connectors are told. main.ts is the process; buildController
 * is the application without sockets, which tests call in process. Tests: `node --test src/controller/`.
 */
import { randomUUID } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { registerApiCredentials } from './api-credential/api-credential-routes.ts';
import { registerOAuth } from './api-credential/oauth-routes.ts';
import { registerActivity } from './activity/activity-routes.ts';
import { registerChanges } from './change/change-routes.ts';
import { registerAudit } from './audit/audit-routes.ts';
import { registerClouds } from './cloud/cloud-routes.ts';
import { registerConnectorAgent } from './connector-agent/connector-agent-routes.ts';
import { registerConnectorScripts } from './connector-agent/script-routes.ts';
import { registerEvents } from './event/event-routes.ts';
import { ConfigurationSource } from './gateway-stream/configuration-source.ts';
import { registerAuthority } from './keeping/authority-routes.ts';
import { registerHousekeeping } from './keeping/housekeeping-routes.ts';
import { refuseWhenFull } from './keeping/refuse-when-full.ts';
import { registerGatewayStream } from './gateway-stream/gateway-routes.ts';
import { registerHealth } from './health/health-routes.ts';
import type { ControllerApp, ControllerDeps, RegisterRoutes, RouteDeps } from './deps.ts';
import { declareAuthorisation } from './http/authorisation.ts';
import { answerUnroutable, handleErrors, longestPathParameter } from './http/error-handler.ts';
import { describeRoutes, serveOpenApi } from './http/openapi.ts';
import { limitRates } from './http/rate-limit.ts';
import { logRequests } from './http/request-log.ts';
import { setResponseHeaders } from './http/response-headers.ts';
import { validatorCompiler } from './http/validation.ts';
import { acceptVendorBodies } from './http/vendor-bodies.ts';
import { measureRequests } from './http/request-metrics.ts';
import { registerMail } from './mail/mail-routes.ts';
import { registerMetrics } from './metrics/metrics-routes.ts';
import { registerIdentity } from './identity/identity-routes.ts';
import { registerInvitations } from './identity/invitation-routes.ts';
import { registerOwnAccount } from './identity/own-account-routes.ts';
import { registerPasskeys } from './identity/passkey-routes.ts';
import { registerPages } from './pages/page-routes.ts';
import { registerRevocationList } from './pki/revocation-list-routes.ts';
import { registerConnectApprovals } from './connect-attempt/approval-routes.ts';
import { registerConnectAttempts } from './connect-attempt/attempt-routes.ts';
import { registerObservations } from './observation/observation-routes.ts';
import { registerOverview } from './overview/overview-routes.ts';
import { registerRegions } from './region/region-routes.ts';
import {
  registerDraining,
  registerEncryptedProfiles,
  registerHostConnectors,
  registerNetworkConnectors,
} from './routes/connector-api.ts';
import { registerDeviceDetails, registerDevices } from './routes/device-api.ts';
import { registerHosts } from './routes/host-api.ts';
import { registerInstallTokens } from './routes/install-token-api.ts';
import { registerInternetGateways, registerNetworkDetails, registerNetworks } from './routes/network-api.ts';
import { registerOwnDevices, registerProfileDownloads } from './routes/own-device-api.ts';
import { registerSessions } from './routes/session-api.ts';
import { registerUserGroupDetails, registerUserGroups } from './routes/user-group-api.ts';
import { registerUsers } from './routes/user-api.ts';
import { registerDnsServers } from './settings/dns-servers.ts';
import { registerPortalCertificate } from './settings/portal-certificate-route.ts';
import { registerSignInSettings } from './settings/sign-in-settings.ts';
import { registerUserSettings } from './settings/user-settings.ts';
import { registerSiteRoutes } from './site-routes/site-route-api.ts';
import { registerFixedSettings } from './settings/fixed-setting-routes.ts';
import { registerOwnSettings, registerWpcSettings } from './settings/wpc-setting-routes.ts';
import { registerStatus } from './status/status-routes.ts';
import { registerTraces } from './trace/trace-routes.ts';

/** Routes in CloudConnexa's shapes: below /api/v1, with the bodies that its clients send. */
const vendorRoutes: readonly RegisterRoutes[] = [
  registerOAuth,
  registerRegions,
  registerNetworks,
  registerNetworkConnectors,
  registerHosts,
  registerHostConnectors,
  registerUserGroups,
  registerUsers,
  registerDevices,
  registerSessions,
  registerWpcSettings,
  registerUserSettings,
  registerSignInSettings,
  registerDnsServers,
  registerFixedSettings,
];

/** Routes of our own: below /api/causeway/v1, JSON only. */
const ownRoutes: readonly RegisterRoutes[] = [
  registerHealth,
  registerIdentity,
  registerOwnAccount,
  registerPasskeys,
  registerApiCredentials,
  registerEvents,
  registerAudit,
  registerChanges,
  registerActivity,
  registerOwnSettings,
  registerPortalCertificate,
  registerStatus,
  registerHousekeeping,
  registerAuthority,
  registerOverview,
  registerObservations,
  registerNetworkDetails,
  registerInternetGateways,
  registerDraining,
  registerInstallTokens,
  registerSiteRoutes,
  registerTraces,
  registerClouds,
  registerConnectApprovals,
  registerMail,
  registerInvitations,
  registerOwnDevices,
  registerDeviceDetails,
  registerUserGroupDetails,
];

/** Routes that name their whole path: gateways, connectors, installer, and pages for whatever is left. */
const otherRoutes: readonly RegisterRoutes[] = [
  registerEncryptedProfiles,
  registerProfileDownloads,
  registerConnectorAgent,
  registerConnectorScripts,
  registerGatewayStream,
  registerConnectAttempts,
  registerRevocationList,
  registerMetrics,
  registerPages,
];

/** buildController assembles the application; it opens nothing. `listeners.ts` serves it, `app.inject` asks it in tests. */
export async function buildController(parts: ControllerDeps): Promise<ControllerApp> {
  const configurations = new ConfigurationSource(parts.store, parts.wakeUp, (error) =>
    parts.log.warn({ err: error }, 'compiling the configuration of the gateways failed; they keep what they have, trying again'),
  );
  const deps: RouteDeps = { ...parts, configurations };
  const app: ControllerApp = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    // An id of the caller's could be used to confuse the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    frameworkErrors: answerUnroutable,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: longestPathParameter },
  }).withTypeProvider<ZodTypeProvider>();

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Only JSON is read unless a scope says otherwise.
  app.removeContentTypeParser('text/plain');

  handleErrors(app, (code) => deps.metrics.count('causeway_http_refusals_total', { code }));
  setResponseHeaders(app);
  declareAuthorisation(app, deps.store);
  limitRates(app, deps.rateLimit);
  refuseWhenFull(app, deps.machine);
  logRequests(app);
  measureRequests(app, deps.metrics);
  await describeRoutes(app, deps.installation.version);

  await app.register(
    async (scope) => {
      acceptVendorBodies(scope);
      const vendor = scope.withTypeProvider<ZodTypeProvider>();
      for (const register of vendorRoutes) await register(vendor, deps);
      serveOpenApi(vendor);
    },
    { prefix: '/api/v1' },
  );
  await app.register(
    async (scope) => {
      const own = scope.withTypeProvider<ZodTypeProvider>();
      for (const register of ownRoutes) await register(own, deps);
      serveOpenApi(own);
    },
    { prefix: '/api/causeway/v1' },
  );
  for (const register of otherRoutes) {
    await app.register(async (scope) => await register(scope.withTypeProvider<ZodTypeProvider>(), deps));
  }
  await app.ready();
  return app;
}
