import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { runFunctions, userlands } from './testing/shell-functions.ts';
import { until } from './testing/test-host.ts';
import type { TestHost } from './testing/test-host.ts';
import { desired, lanePorts, testSite, token } from './testing/test-site.ts';

/**
 * Stands for systemctl, which needs systemd as the first process: records, and starts and stops what the unit file says, by its ExecStartPre
 * and ExecStart. Refuses what it does not know.
 */
const systemctl = `#!/bin/sh
echo "$*" >>/run/asked
start() { # UNIT
  template=/etc/systemd/system/$(echo "$1" | sed 's/@.*\\.service/@.service/')
  instance=$(echo "$1" | sed -n 's/.*@\\(.*\\)\\.service/\\1/p')
  [ -f "$template" ] || { echo "Unit $1 not found." >&2; exit 5; }
  before=$(sed -n 's/^ExecStartPre=//p' "$template" | sed "s/%i/$instance/g")
  main=$(sed -n 's/^ExecStart=//p' "$template" | sed "s/%i/$instance/g")
  [ -z "$before" ] || $before || exit 1
  setsid $main </dev/null >>/run/"$1".out 2>&1 &
  echo $! >/run/"$1".pid
}
stop() { [ ! -f /run/"$1".pid ] || { kill "$(cat /run/"$1".pid)" 2>/dev/null; rm /run/"$1".pid; }; }
case "$*" in
  daemon-reload) ;;
  "enable --quiet causeway-connector.service causeway-connector-tunnel@causeway"[01].service) ;;
  "enable --quiet causeway-connector-tunnel@causeway"[01].service) ;;
  "disable --quiet causeway-connector-tunnel@causeway"[01].service) ;;
  "restart causeway-connector.service") stop causeway-connector.service; start causeway-connector.service ;;
  "start causeway-connector-tunnel@causeway"[01].service) start "$2" ;;
  "stop causeway-connector-tunnel@causeway"[01].service) stop "$2" ;;
  "disable --quiet --now causeway-connector.service causeway-connector-tunnel@causeway"[01]".service causeway-connector-tunnel@causeway"[01].service)
    stop causeway-connector.service; stop "$4"; stop "$5" ;;
  *) echo "systemctl: unknown $*" >&2; exit 1 ;;
esac
`;

/** Stands for OpenRC's two commands in the same way; \`command\` and \`command_args\` are read from the script by sh itself. */
const rcService = `#!/bin/sh
echo "rc-service $*" >>/run/asked
[ "$1" != --quiet ] || shift
[ "$1" != --ifexists ] || shift
service=$1
[ -x "/etc/init.d/$service" ] || { echo "service $service does not exist" >&2; exit 1; }
stop() { [ ! -f "/run/$service.pid" ] || { kill "$(cat "/run/$service.pid")" 2>/dev/null; rm "/run/$service.pid"; }; }
start() { RC_SVCNAME=$service; . "/etc/init.d/$service"; if command -v start_pre >/dev/null; then start_pre || exit 1; fi
  setsid $command $command_args </dev/null >>"/run/$service.out" 2>&1 & echo $! >"/run/$service.pid"; }
case $2 in restart) stop; start ;; start) start ;; stop) stop ;; *) echo "unknown $2" >&2; exit 1 ;; esac
`;

describe('the services', () => {
  it('are units that systemd accepts', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), `cw-units-${String(process.pid)}-`));
    try {
      const names = {
        'causeway-connector.service': 'systemd_agent_unit',
        'causeway-connector-tunnel@.service': 'systemd_tunnel_unit',
      };
      for (const [name, writer] of Object.entries(names)) {
        // The program need not be installed on the machine that runs the test.
        const text = (await runFunctions('dash', writer)).replaceAll('/usr/local/lib/causeway-connector/agent.sh', '/bin/true');
        await writeFile(path.join(directory, name), text);
      }
      for (const name of Object.keys(names)) {
        const file = path.join(directory, name.replace('@.', '@causeway0.'));
        const output = execFileSync('systemd-analyze', ['verify', '--man=no', file], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        assert.equal(output, '');
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  for (const userland of userlands) {
    it(`are OpenRC scripts that ${userland} reads`, async () => {
      assert.match(
        await runFunctions(userland, 'openrc_agent_script'),
        /^#!\/sbin\/openrc-run\n[^]*supervisor=supervise-daemon\n/,
      );
      await runFunctions(
        userland,
        'eval "$(openrc_agent_script)"; RC_SVCNAME=causeway-connector-tunnel.causeway0; eval "$(openrc_tunnel_script)"; [ "$device" = causeway0 ]',
      );
    });
  }

  const managers = {
    systemd: {
      prepare: async (host: TestHost) => {
        await host.must('mkdir -p /run/systemd/system /etc/systemd/system');
        await host.must('cat >/usr/local/sbin/systemctl; chmod +x /usr/local/sbin/systemctl', systemctl);
      },
      agent: '/run/causeway-connector.service.pid',
      boots: (device: string) => `enable --quiet causeway-connector-tunnel@${device}.service`,
      files: '/etc/systemd/system/causeway-connector.service /etc/systemd/system/causeway-connector-tunnel@.service',
      restart: 'systemctl restart causeway-connector.service',
    },
    openrc: {
      prepare: async (host: TestHost) => {
        await host.must(
          'mkdir -p /run/sbin; cp -a /usr/sbin/. /run/sbin/; touch /run/sbin/openrc-run; chmod +x /run/sbin/openrc-run; mount --bind /run/sbin /usr/sbin',
        );
        await host.must('cat >/usr/local/sbin/rc-service; chmod +x /usr/local/sbin/rc-service', rcService);
        await host.must(
          'cat >/usr/local/sbin/rc-update; chmod +x /usr/local/sbin/rc-update',
          '#!/bin/sh\necho "rc-update $*" >>/run/asked\n',
        );
      },
      agent: '/run/causeway-connector.pid',
      boots: (device: string) => `rc-update --quiet add causeway-connector-tunnel.${device} default`,
      files:
        '/etc/init.d/causeway-connector /etc/init.d/causeway-connector-tunnel /etc/init.d/causeway-connector-tunnel.causeway0',
      restart: 'rc-service --quiet causeway-connector restart',
    },
  } as const;

  for (const [name, manager] of Object.entries(managers)) {
    it(`of ${name}: agent and tunnel apart, so that the agent's end leaves the tunnel; removed by uninstall`, async () => {
      await using site = await testSite(name === 'openrc' ? 'busybox' : 'dash');
      const { connector } = site;
      await manager.prepare(connector);
      const installed = await site.install(token);
      assert.equal(installed.code, 0, installed.stderr);
      assert.match(installed.stdout, /installed and starts with the machine/);
      await connector.must(`ls ${manager.files}`);
      await until(
        'the tunnel is up',
        async () => (await connector.run('causeway-connector status')).stdout.includes('tunnel      up'),
        15_000,
      ).catch(async (cause: unknown) => {
        throw new Error(`${String(cause)}\n${(await connector.run('cat /run/*.out /run/asked')).stdout}`);
      });
      const tunnel = await connector.must('cat /run/causeway-connector/causeway0.pid');
      await connector.must(`kill -KILL "$(cat ${manager.agent})"`);
      assert.equal((await site.gateway.run('ping -c1 -W2 10.0.0.20')).code, 0);
      await connector.must(manager.restart);
      await until('the new agent runs', async () =>
        (await connector.run('causeway-connector status')).stdout.includes('agent       running'),
      );
      await until('it knows that the tunnel is up', async () =>
        (await connector.run('causeway-connector status')).stdout.includes('tunnel      up'),
      );
      assert.equal(await connector.must('cat /run/causeway-connector/causeway0.pid'), tunnel, 'the same openvpn');
      // A hand-over, there and back: what starts with the machine is always the tunnel in use.
      await site.startLane('h');
      await site.controller.set({ desired: desired(2, { handover: `203.0.113.1 ${String(lanePorts.h)}`, tunnel: 'ab' }) });
      await until(
        'it was handed over twice',
        async () => {
          const asked = (await connector.must('cat /run/asked')).split('\n');
          const there = asked.indexOf(manager.boots('causeway1'));
          return there !== -1 && asked.indexOf(manager.boots('causeway0'), there) !== -1;
        },
        40_000,
      );
      const after = await connector.must('cat /run/causeway-connector/causeway0.pid');
      await connector.must('! ip link show causeway1 2>/dev/null');
      // Again over what is there: same key, still one agent, and no more than that.
      assert.equal((await site.install(token)).code, 0);
      await connector.must('causeway-connector uninstall');
      assert.notEqual((await connector.run(`ls ${manager.files}`)).code, 0);
      // A process that nobody has waited for yet has ended as well.
      await until(
        'openvpn has ended',
        async () => !/^State:\s+[^Z]/m.test((await connector.run(`cat /proc/${after.trim()}/status`)).stdout),
      );
      await connector.must('! ip link show causeway0 2>/dev/null; ! nft list table inet causeway_connector 2>/dev/null');
      assert.equal(await connector.must('cat /proc/sys/net/ipv4/ip_forward'), '0\n');
    });
  }
});
