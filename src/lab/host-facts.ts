import type { Host } from './host.ts';
import type { Completed } from './run-program.ts';
import { expect } from './scenario.ts';

/** macOf is the MAC address of a host's device. */
export async function macOf(host: Host, device: string): Promise<string> {
  return (await host.must(['cat', `/sys/class/net/${device}/address`])).trim();
}

/** lineWith is the line of a program's output that has a word in it. */
export function lineWith(text: string, word: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.includes(word))
      ?.trim() ?? ''
  );
}

/** openPage asks a web server for its page with curl, once: `from` may be told to use IPv6 or else by `options`. */
export function openPage(from: Host, address: string, ...options: readonly string[]): Promise<Completed> {
  return from.run(['curl', '--silent', '--show-error', '--max-time', '3', ...options, `http://${address}/`]);
}

/** countedMasquerade is the rule by which our agent translates sources, if it has translated any. */
export async function countedMasquerade(connector: Host): Promise<string> {
  const rules = await connector.must(['nft', 'list', 'table', 'inet', 'causeway_connector']);
  const rule = rules.split('\n').find((line) => /counter packets [1-9]\d* .*masquerade/.test(line));
  expect(rule !== undefined, `no masquerade rule has counted a packet:\n${rules}`);
  return rule.trim();
}

/** RouteDecision is what a host's kernel would do with a packet: `said` is its answer or its refusal, in one line. */
export type RouteDecision = { readonly found: boolean; readonly said: string };

/** routeDecision asks the kernel of a host for its decision on a packet that it sends itself, or that came `from` somebody by a device. */
export async function routeDecision(
  host: Host,
  destination: string,
  arrived?: { readonly from: string; readonly by: string },
): Promise<RouteDecision> {
  const origin = arrived === undefined ? [] : ['from', arrived.from, 'iif', arrived.by];
  const { code, stdout, stderr } = await host.run(['ip', 'route', 'get', destination, ...origin]);
  const [line = ''] = (code === 0 ? stdout : stderr || stdout).trim().split('\n');
  return { found: code === 0, said: line.trim() };
}

/** isForwarding tells whether a host forwards packets now. */
export async function isForwarding(host: Host): Promise<boolean> {
  return (await host.must(['cat', '/proc/sys/net/ipv4/ip_forward'])).trim() === '1';
}

/** expectRouter demands that a connector's machine forwards, now and after a reboot, and gives what says so (RA-12, IG-8, SS-6, SS-15). */
export async function expectRouter(connector: Host): Promise<string> {
  const file = await connector.run(['grep', '-rlE', '^net.ipv4.ip_forward *= *1', '/etc/sysctl.d', '/etc/sysctl.conf']);
  expect(
    await isForwarding(connector),
    `FWD-OFF: ip_forward is 0 on ${connector.name}\nmend: sysctl -w net.ipv4.ip_forward=1 on ${connector.name}`,
  );
  expect(file.stdout.trim() !== '', 'FWD-NOT-PERSISTED: no file in /etc/sysctl.d turns forwarding on after a reboot');
  return `ip_forward is 1, kept in ${file.stdout.trim().split('\n').join(', ')}`;
}

/** stopForwarding turns forwarding off in a way that our agent leaves alone, as after an installation with --keep-sysctl. */
export async function stopForwarding(connector: Host): Promise<void> {
  await connector.must(['touch', '/var/lib/causeway-connector/keep-sysctl']);
  await connector.sysctl({ 'net/ipv4/ip_forward': 0 });
}

export async function startForwarding(connector: Host): Promise<void> {
  await connector.must(['rm', '/var/lib/causeway-connector/keep-sysctl']);
  await connector.sysctl({ 'net/ipv4/ip_forward': 1 });
}
