import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { openrcScript } from './openrc-script.ts';
import { installationIn } from './service-plan.ts';
import type { ServicePlan } from './service-plan.ts';
import { systemdUnit } from './systemd-unit.ts';

const plan: ServicePlan = {
  name: 'causeway',
  program: '/opt/causeway/causeway',
  args: ['up', '--data', '/var/lib/causeway', '--hostname', 'vpn.example.com'],
  data: '/var/lib/causeway',
  reads: [],
  prepares: true,
};
const hostile = `/srv/it's "100%h" $HOME \\ é; touch here`;

describe('the texts of a service', () => {
  it('of systemd: what is run, and a restart that another signal tells from a stop', () => {
    const { path, mode, text } = systemdUnit(plan);
    assert.deepEqual([path, mode], ['/etc/systemd/system/causeway.service', 0o644]);
    for (const line of [
      'ExecStart="/opt/causeway/causeway" "up" "--data" "/var/lib/causeway" "--hostname" "vpn.example.com"',
      'ExecStartPre=+"/opt/causeway/causeway" service prepare --data "/var/lib/causeway"',
      'KillSignal=SIGTERM',
      'RestartKillSignal=SIGUSR2',
      'ReadWritePaths="/var/lib/causeway"',
      'ProtectHome=yes',
      'PrivateTmp=yes',
    ])
      assert.ok(text.split('\n').includes(line), line);
    assert.equal(systemdUnit({ ...plan, prepares: false }).text.includes('ExecStartPre'), false);
  });

  it('of systemd: homes and /tmp are shut unless something of the service lies there', () => {
    assert.match(systemdUnit({ ...plan, program: '/root/causeway/causeway' }).text, /^ProtectHome=read-only$/m);
    assert.match(systemdUnit({ ...plan, reads: ['/run/user/0/cert.pem'] }).text, /^ProtectHome=read-only$/m);
    assert.match(systemdUnit({ ...plan, data: '/tmp/d' }).text, /^PrivateTmp=no$/m);
    assert.match(systemdUnit({ ...plan, data: '/tmpfoo' }).text, /^PrivateTmp=yes$/m);
  });

  it('of systemd: a hostile directory is one quoted word', () => {
    const { text } = systemdUnit({ ...plan, args: ['up', '--data', hostile], data: hostile });
    assert.ok(text.includes(`"--data" "/srv/it's \\"100%%h\\" $$HOME \\\\ é; touch here"\n`), text);
    assert.ok(text.includes(`ReadWritePaths="/srv/it's \\"100%%h\\" $HOME \\\\ é; touch here"\n`), text);
  });

  it('of OpenRC: the shell reads back every word, twice', () => {
    const [script] = openrcScript({ ...plan, args: ['up', '--data', hostile], data: hostile });
    assert.equal(script?.mode, 0o755);
    const read = execFileSync('sh', ['-c', `${script.text}\neval "printf '%s\\n' $command $command_args"`], { encoding: 'utf8' });
    assert.equal(read, `/opt/causeway/causeway\nup\n--data\n${hostile}\n`);
  });

  it('of OpenRC: a restart asks for the lanes to be kept, a stop does not', () => {
    const [script] = openrcScript({ ...plan, program: '/bin/echo', data: hostile });
    const asked = (command: string) =>
      execFileSync('sh', ['-c', `${script?.text ?? ''}\nRC_CMD=${command}; stop_pre`], { encoding: 'utf8' });
    assert.equal(asked('restart'), `service keep-lanes --data ${hostile}\n`);
    assert.equal(asked('stop'), '');
  });

  it('names its installation, whatever that is called', () => {
    const files = [systemdUnit({ ...plan, data: hostile }), ...openrcScript({ ...plan, data: hostile })];
    for (const { text } of files) assert.equal(installationIn(text), hostile);
    assert.equal(installationIn('[Unit]\nDescription=another'), undefined);
  });

  it('refuses what could end a line, a name that is a path, and relative paths', () => {
    for (const make of [systemdUnit, openrcScript]) {
      assert.throws(() => make({ ...plan, data: '/srv/a\nExecStart=/bin/false' }), /control character/);
      assert.throws(() => make({ ...plan, args: ['up', '--hostname', 'a\u2028b'] }), /control character/);
      assert.throws(() => make({ ...plan, name: '../cron.d/x' }), /service name/);
      assert.throws(() => make({ ...plan, data: 'd' }), /not absolute/);
    }
  });
});
