import { join } from 'node:path';
import { removeTable } from '../faults/nft-tables.ts';
import type { Standing } from '../standing.ts';
import { borrowPackages, returnPackages } from './borrow-packages.ts';

/** What Debian's postinst copies where there is nothing yet. */
const firstConfiguration = 'cp /usr/share/ufw/*.init /usr/share/ufw/ufw.conf /usr/share/ufw/iptables/*.rules /etc/ufw/';

/** startUfw turns the real ufw on, on HQ's connector, with the defaults of Debian: nobody may come in, and nothing is forwarded. */
export async function startUfw({ world, hq }: Standing): Promise<void> {
  await borrowPackages(hq.connector, join(world.directory, 'ufw'), ['ufw']);
  await hq.connector.must(['sh', '-ec', `${firstConfiguration}\nufw --force enable`]);
}

export async function stopUfw({ hq }: Standing): Promise<void> {
  await hq.connector.run(['ufw', '--force', 'disable']);
  for (const table of ['ip filter', 'ip6 filter']) await removeTable(hq.connector, table);
  await hq.connector.must(['sh', '-c', 'rm -rf /etc/ufw /etc/default/ufw /var/lib/causeway-connector/restore/ufw']);
  await returnPackages(hq.connector);
}
