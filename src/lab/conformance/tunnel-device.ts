import type { Host } from '../host.ts';

/** tunnelDevice is the tun that a connector uses now: a hand-over changes between two (connector/agent/device.sh). */
export async function tunnelDevice(connector: Host): Promise<string> {
  const { stdout } = await connector.run(['cat', '/var/lib/causeway-connector/device']);
  return stdout.trim() === 'causeway1' ? 'causeway1' : 'causeway0';
}
