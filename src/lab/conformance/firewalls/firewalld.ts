import { join } from 'node:path';
import { awaitCondition } from '../../await-condition.ts';
import { removeTable } from '../faults/nft-tables.ts';
import type { Standing } from '../standing.ts';
import { borrowPackages, returnPackages } from './borrow-packages.ts';

/** firewalld and what it imports; python3 itself is of the real machine (launcher/debian-packages.txt). */
const packages = [
  'firewalld',
  'python3-firewall',
  'python3-nftables',
  'python3-dbus',
  'python3-gi',
  'python3-cap-ng',
  'gir1.2-glib-2.0',
  'libgirepository-1.0-1',
  'dbus-daemon',
] as const;

/** A system bus of this machine alone, on which everybody is root: firewalld and firewall-cmd talk over it. */
const bus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
  </policy>
</busconfig>
`;

/** startFirewalld runs the real firewalld on HQ's connector, with the defaults of Debian: zone public for every interface. */
export async function startFirewalld({ world, hq, holds }: Standing): Promise<void> {
  const { connector } = hq;
  await borrowPackages(connector, join(world.directory, 'firewalld'), packages);
  await connector.must(['sh', '-ec', 'mkdir -p /run/dbus; cat >/run/dbus/lab.conf'], { input: bus });
  const said = ['dbus-daemon --config-file=/run/dbus/lab.conf --nofork --nopidfile', 'firewalld --nofork --nopid'].map(
    (program) => holds.start(connector, `exec ${program}`),
  );
  await awaitCondition('firewalld is running', async () => {
    const { code, stderr } = await connector.run(['firewall-cmd', '--state']);
    if (code !== 0) throw new Error(`${stderr.trim()} ${said.map((output) => output()).join(' ')}`);
    return true;
  });
}

export async function stopFirewalld({ hq, holds }: Standing): Promise<void> {
  const { connector } = hq;
  await holds.release();
  for (const table of ['inet firewalld', 'ip filter', 'ip6 filter']) await removeTable(connector, table);
  await connector.must(['sh', '-c', 'rm -rf /etc/firewalld /run/dbus /var/lib/causeway-connector/restore/firewalld']);
  await returnPackages(connector);
}
