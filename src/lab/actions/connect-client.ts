import { z } from 'zod';
import { awaitCondition } from '../await-condition.ts';
import type { Host, Started } from '../host.ts';
import { signalStarted } from '../host.ts';
import { outputOf } from '../output-of.ts';

/**
 * Client is a stock openvpn on a machine, and what it has said. `closed` and not its exit tells that it is gone: what entered the
 * machine ends first, and openvpn holds the output open until it has ended itself.
 */
export type Client = { readonly process: Started; readonly said: () => string; readonly closed: Promise<void> };

/** startClient puts a profile on a machine and starts a stock openvpn with it. */
export async function startClient(
  machine: Host,
  profile: string,
  device: string,
  ...options: readonly string[]
): Promise<Client> {
  const file = `/root/${device}.ovpn`;
  await machine.must(['sh', '-c', `umask 077; cat >${file}`], { input: profile });
  const process = machine.start(['openvpn', '--config', file, '--dev', device, ...options]);
  const closed = new Promise<void>((resolve) => process.once('close', () => resolve()));
  return { process, said: outputOf(process), closed };
}

/** What a computer's own tools do with pushed resolvers: openvpn hands them to its --up script as foreign_option_1 and so on. */
const applyDns = [
  '#!/bin/sh',
  // What was pushed before and is not now has to go: the machine's own file comes back first.
  '[ -e /root/resolv.conf.own ] || cat /etc/resolv.conf >/root/resolv.conf.own 2>/dev/null || :',
  'number=1 servers=',
  'while eval "option=\\${foreign_option_$number-}"; [ -n "$option" ]; do',
  '  case $option in "dhcp-option DNS "*) servers="$servers${option##* } " ;; esac',
  '  number=$((number + 1))',
  'done',
  'rm -f /etc/resolv.conf',
  'if [ -n "$servers" ]; then for server in $servers; do echo "nameserver $server"; done; else cat /root/resolv.conf.own; fi >/etc/resolv.conf',
].join('\n');

/** usePushedDns makes a machine obey the resolvers that a client is told, and gives the options that the client needs for it. */
export async function usePushedDns(machine: Host): Promise<readonly string[]> {
  const script = '/root/apply-dns';
  await machine.must(['sh', '-c', `cat >${script}; chmod +x ${script}`], { input: `${applyDns}\n` });
  return ['--script-security', '2', '--up', script, '--up-restart'];
}

/** awaitRoutes waits until a client's device has all these routes, and gives all that it has. */
export async function awaitRoutes(
  machine: Host,
  client: Client,
  device: string,
  wanted: readonly string[],
): Promise<readonly string[]> {
  return awaitCondition(`the routes ${wanted.join(', ')} by ${device} on ${machine.name}`, async () => {
    if (client.process.exitCode !== null) throw new Error(`openvpn ended with ${client.process.exitCode}`);
    const found = await routesOn(machine, device);
    return wanted.every((route) => found.includes(route)) ? found : undefined;
  }).catch((error: unknown) => {
    throw new Error(`CLI-NO-ROUTE: ${String(error)}\n${client.said().slice(-3000)}`);
  });
}

/** routesOn lists the prefixes routed by a device; none when it is not there. */
export async function routesOn(host: Host, device: string): Promise<readonly string[]> {
  const { stdout } = await host.run(['ip', '-j', 'route', 'show', 'dev', device]);
  if (stdout.trim() === '') return [];
  return z
    .array(z.object({ dst: z.string() }))
    .parse(JSON.parse(stdout))
    .map((route) => route.dst);
}

/** stopClient ends a client and waits until it is gone and its device free. */
export async function stopClient(client: Client): Promise<void> {
  signalStarted(client.process, 'SIGTERM');
  await client.closed;
}
