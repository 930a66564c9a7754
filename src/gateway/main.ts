/**
 * The gateway's agent (design.md 4): lanes over openvpn's management sockets, decisions at CONNECT and REAUTH from its own configuration,
 * routes and firewall, reports. One process, user `causeway-gateway`, with CAP_NET_ADMIN and CAP_NET_RAW only; started by the supervisor
 * with an IPC channel (src/contract/lane-keeper.ts). Its end, in whatever way, leaves every tunnel up: packets do not pass through it.
 *
 * Environment for development and tests: CAUSEWAY_GATEWAY_SETTINGS, JSON with fields of GatewaySettings (settings.ts).
 * Tests: `node --test 'src/gateway/**\/*.test.ts'` as root (network namespaces, openvpn, nft).
 */
import { GatewayAgent } from './agent.ts';
import { runCommand } from './kernel/run-command.ts';
import { ipcLaneKeeper } from './lane-keeper.ts';
import { stderrLog } from './log.ts';
import { defaultSettings } from './settings.ts';
import type { GatewaySettings } from './settings.ts';

const keeper = ipcLaneKeeper();
const settings: GatewaySettings = {
  ...defaultSettings,
  ...(JSON.parse(process.env['CAUSEWAY_GATEWAY_SETTINGS'] ?? '{}') as Partial<GatewaySettings>),
};
let agent: GatewayAgent | null = null;

keeper.onMessage((message) => {
  if (message.kind !== 'start') {
    agent?.told(message);
    return;
  }
  if (agent !== null) return;
  agent = new GatewayAgent({ start: message, keeper, settings, run: runCommand, log: stderrLog });
  agent.begin().catch((cause: unknown) => {
    stderrLog.warn('the gateway agent cannot begin', cause);
    process.exit(1);
  });
});

/** Ends in order; lanes, tunnels and kernel stay. */
async function end(): Promise<void> {
  await agent?.stop();
  process.exit(0);
}

process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());
// Without its supervisor the agent cannot start lanes; the next supervisor starts the next agent.
process.once('disconnect', () => void end());
