import type { ServiceFile, ServicePlan } from './service-plan.ts';
import { environmentFileOf, headerLines, requirePlain } from './service-plan.ts';

/**
 * What root in the service may still do. The supervisor makes mounts (SYS_ADMIN), starts its processes as other users (SETUID, SETGID,
 * SETPCAP), sets owners and modes in the data directory (CHOWN, FOWNER, FSETID, DAC_OVERRIDE), ends lanes (KILL), recognises those of an
 * earlier supervisor (SYS_PTRACE), removes what the gateway left in the kernel and hands the agent its rights (NET_ADMIN, NET_RAW), opens
 * ports below 1024 (NET_BIND_SERVICE), and puts lanes last in the order in which the kernel ends processes (SYS_RESOURCE).
 */
const capabilities =
  'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_SYS_RESOURCE';

/** Where system users' homes and root's are: out of sight unless something of the service lies there. */
const homes = ['/home', '/root', '/run/user'];
const temporary = ['/tmp', '/var/tmp'];

/** systemdUnit gives the unit of the service. Throws RangeError for a plan that is not what its type promises. */
export function systemdUnit(plan: ServicePlan): ServiceFile {
  requirePlain(plan);
  const { name, program, args, data, reads, prepares } = plan;
  const used = [program, data, ...reads];
  const liesIn = (places: readonly string[]) =>
    used.some((path) => places.some((place) => path === place || path.startsWith(`${place}/`)));
  const text = `${headerLines(data)}
[Unit]
Description=Causeway
Documentation=man:systemd.service(5)
Wants=network-online.target
After=network-online.target time-sync.target
# It is tried again for ever: a full disk or a network that comes late is mended one day.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
${prepares ? `ExecStartPre=+${word(program)} service prepare --data ${word(data)}\n` : ''}ExecStart=${[program, ...args].map(word).join(' ')}
EnvironmentFile=-${environmentFileOf(name)}
# By this the supervisor knows that lanes get a scope of their own, which a restart of this unit leaves alone.
Environment=CAUSEWAY_UNIT=%n
Restart=always
RestartSec=2
# Wrong options, or something on the machine is missing: trying again changes nothing.
RestartPreventExitStatus=2 4
# Stopped, it ends its lanes and tells their clients; restarted, it leaves them to its successor.
KillMode=mixed
KillSignal=SIGTERM
RestartKillSignal=SIGUSR2
# A start says every half minute that it goes on (migrations of a large database); one that says nothing for so long hangs.
TimeoutStartSec=180
TimeoutStopSec=60
WatchdogSec=60
WatchdogSignal=SIGKILL

LimitNOFILE=65536
LimitCORE=0
# Lanes have scopes of their own and do not count.
TasksMax=1024
# What the kernel ends for want of memory is started again; lanes are the last that it takes.
OOMPolicy=continue

UMask=0022
CapabilityBoundingSet=${capabilities}
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${quoted(data)}
CacheDirectory=causeway
ProtectHome=${liesIn(homes) ? 'read-only' : 'yes'}
${liesIn(temporary) ? `PrivateTmp=no\nReadWritePaths=${temporary.join(' ')}` : 'PrivateTmp=yes'}
# Settings of the tunnels' devices are written below /proc/sys/net, and nothing else there.
ProtectKernelTunables=yes
ReadWritePaths=/proc/sys/net
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
DevicePolicy=closed
DeviceAllow=/dev/net/tun rwm
RestrictNamespaces=mnt
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service @mount
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
  return { path: `/etc/systemd/system/${name}.service`, mode: 0o644, text };
}

/** One word of a command line, where systemd replaces variables ($) as well. */
function word(text: string): string {
  return quoted(text).replaceAll('$', '$$$$');
}

/** Quoted, with systemd's specifiers (%) taken literally. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
