import type { ServiceFile, ServicePlan } from './service-plan.ts';
import { environmentFileOf, headerLines, requirePlain } from './service-plan.ts';

/**
 * openrcScript gives the script of the service, and what keeps its log small. OpenRC has no sandbox, no watchdog and no journal: what the
 * supervisor takes from its processes by itself holds there too. Throws RangeError for a plan that is not what its type promises.
 */
export function openrcScript(plan: ServicePlan): ServiceFile[] {
  requirePlain(plan);
  const { name, program, args, data, prepares } = plan;
  const environment = environmentFileOf(name);
  const log = `/var/log/${name}.log`;
  const service = `${word(program)} service`;
  const script = `#!/sbin/openrc-run
${headerLines(data)}
name=Causeway
description="Wide-area private cloud: controller and gateway"
supervisor=supervise-daemon
command=${word(program)}
# Read by the shell twice.
command_args=${word(args.map(word).join(' '))}
pidfile=/run/${name}.pid
respawn_delay=2
respawn_max=0
retry=SIGTERM/60/SIGKILL/5
output_log=${log}
error_log=${log}
rc_ulimit='-n 65536'

depend() {
	use net
	# Not needed: Debian's OpenRC has no service of this name.
	after localmount firewall ntp-client
}

start_pre() {
	if [ -r ${environment} ]; then
		set -a
		. ${environment}
		set +a
	fi
${prepares ? `\t${service} prepare --data ${word(data)} || return 1\n` : ''}	return 0
}

# Stopped, it ends its lanes and tells their clients; restarted, it leaves them to its successor.
stop_pre() {
	[ "\${RC_CMD-}" != restart ] || ${service} keep-lanes --data ${word(data)} || :
}
`;
  return [
    { path: `/etc/init.d/${name}`, mode: 0o755, text: script },
    {
      path: `/etc/logrotate.d/${name}`,
      mode: 0o644,
      text: `${headerLines(data)}\n${log} {\n\tweekly\n\tmaxsize 50M\n\trotate 8\n\tcompress\n\tmissingok\n\tcopytruncate\n}\n`,
    },
  ];
}

/** One word for the shell. */
function word(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
