/**
 * A lane keeper without a supervisor around it: messages of an agent are read from stdin and answers written to stdout, one JSON value a
 * line. Arguments: data directory, installation number, vpn-port. `{"kind":"stop-all"}` ends it in order.
 */
import { createInterface } from 'node:readline';
import { dataDirectoryAt, ensureDataDirectory } from '../../data-directory.ts';
import { LaneKeeper } from '../../lane-keeper.ts';
import { createLog } from '../../log.ts';
import { openTunTo } from '../../mount-view.ts';
import { ensureSystemUsers } from '../../system-users.ts';

const [root = '', number = '0', vpnPort = '0'] = process.argv.slice(2);
const directory = dataDirectoryAt(root);
const users = await ensureSystemUsers();
await ensureDataDirectory(directory, users);
// `ip netns exec` has made a mount namespace for this process.
await openTunTo(users.lane.gid, 'private', directory);
const keeper = new LaneKeeper({
  directory,
  number: Number(number),
  vpnPort: Number(vpnPort),
  users,
  unit: undefined,
  log: createLog('keeper'),
  settingsEveryMs: 50,
});
await keeper.adopt();
keeper.attach({
  send: (message) => {
    process.stdout.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  },
});
createInterface({ input: process.stdin }).on('line', (line) => {
  const message: unknown = JSON.parse(line);
  if (typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'stop-all') {
    void keeper.stopAll().then(() => process.exit(0));
  } else {
    keeper.receive(message);
  }
});
