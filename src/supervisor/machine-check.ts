import { open, readFile } from 'node:fs/promises';
import { errorCode } from './data-directory.ts';
import { findProgram } from './find-program.ts';
import { runProgram } from './run-program.ts';
import type { Problem } from './start-failure.ts';

type RequiredProgram = { readonly program: string; readonly package: string; readonly purpose: string };

/** What every start needs, and what only a gateway needs. Packages are Debian's names; other distributions call them alike. */
const always: readonly RequiredProgram[] = [
  { program: 'setpriv', package: 'util-linux', purpose: 'takes rights away from the processes' },
  { program: 'unshare', package: 'util-linux', purpose: 'makes a view of the checkout for them' },
  { program: 'flock', package: 'util-linux', purpose: 'keeps a second "up" away from the same data' },
  { program: 'mount', package: 'mount', purpose: 'shows the checkout to the processes' },
  { program: 'umount', package: 'mount', purpose: 'shows the checkout to the processes' },
  { program: 'useradd', package: 'passwd', purpose: 'makes the system users' },
  { program: 'getent', package: 'libc-bin', purpose: 'finds the system users' },
];
const forGateway: readonly RequiredProgram[] = [
  { program: 'openvpn', package: 'openvpn', purpose: 'carries the tunnels' },
  { program: 'nft', package: 'nftables', purpose: 'filters between the tunnels' },
  { program: 'ip', package: 'iproute2', purpose: 'sets tuns and routes' },
  { program: 'conntrack', package: 'conntrack', purpose: 'ends the flows of whoever is cut' },
  { program: 'fping', package: 'fping', purpose: 'probes connectors that stand in for each other' },
];

/** 2.6 is the first with peer-id roaming, tls-crypt-v2 and management-client-auth as the lanes use them (openvpn.md). */
const oldestOpenvpn = [2, 6] as const;

/** CAP_NET_ADMIN is bit 12 of the masks in /proc/self/status. */
const netAdminBit = 12n;

/** checkRoot is asked first and alone: without root the other answers would be wrong. */
export function checkRoot(): Problem | undefined {
  if (process.getuid?.() === 0) return undefined;
  return {
    exitCode: 4,
    sentence:
      'it does not run as root, which it needs to make users, tuns and routes: start it with sudo; what it starts then runs without those rights.',
  };
}

/** checkMachine names everything that is not there; nothing is changed. */
export async function checkMachine(options: { readonly gateway: boolean }): Promise<Problem[]> {
  const required = options.gateway ? [...always, ...forGateway] : always;
  const programs = await Promise.all(required.map(checkProgram));
  const gateway = options.gateway ? await Promise.all([checkOpenvpnVersion(), checkTun(), checkNetAdmin()]) : [];
  return [...programs, ...gateway].filter((problem) => problem !== undefined);
}

async function checkProgram({ program, package: name, purpose }: RequiredProgram): Promise<Problem | undefined> {
  if ((await findProgram(program)) !== undefined) return undefined;
  return {
    exitCode: 4,
    sentence: `the program ${program} is missing, which ${purpose}: install the package ${name} (apt-get install ${name}).`,
  };
}

async function checkOpenvpnVersion(): Promise<Problem | undefined> {
  if ((await findProgram('openvpn')) === undefined) return undefined;
  const { stdout } = await runProgram('openvpn', ['--version']);
  return judgeOpenvpnVersion(stdout);
}

/** judgeOpenvpnVersion reads the first line of `openvpn --version`. */
export function judgeOpenvpnVersion(output: string): Problem | undefined {
  const match = /^OpenVPN (\d+)\.(\d+)/.exec(output);
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  if (major > oldestOpenvpn[0] || (major === oldestOpenvpn[0] && minor >= oldestOpenvpn[1])) return undefined;
  const found = match === null ? 'of an unknown version' : `${String(major)}.${String(minor)}`;
  return {
    exitCode: 4,
    sentence: `openvpn is ${found}, and ${oldestOpenvpn.join('.')} is the oldest that works: install a newer one (Debian 12 and later have it).`,
  };
}

async function checkTun(): Promise<Problem | undefined> {
  try {
    const handle = await open('/dev/net/tun', 'r+');
    await handle.close();
    return undefined;
  } catch (cause) {
    const found =
      errorCode(cause) === 'ENOENT'
        ? 'there is no /dev/net/tun'
        : `/dev/net/tun cannot be opened (${errorCode(cause) ?? String(cause)})`;
    return {
      exitCode: 4,
      sentence: `${found}, which the tunnels need: load it with "modprobe tun"; in a container, start that with --device /dev/net/tun.`,
    };
  }
}

async function checkNetAdmin(): Promise<Problem | undefined> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  if (effective === undefined || (BigInt(`0x${effective}`) >> netAdminBit) % 2n === 1n) return undefined;
  return {
    exitCode: 4,
    sentence: 'root has no CAP_NET_ADMIN here, which tuns and routes need: start the container with --cap-add NET_ADMIN.',
  };
}
