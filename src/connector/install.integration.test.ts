import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from './testing/test-host.ts';
import { desired, testSite, token } from './testing/test-site.ts';

/** Everything that the installer and the agent may write to, with contents; what is mounted there is the test's own. */
const everything = [
  'find /etc/sysctl.d /etc/systemd/system /etc/init.d /etc/passwd /etc/group /usr/local/sbin /var/lib/causeway* /run/causeway* -type f 2>/dev/null | sort | xargs cksum',
  'ls /usr/local/lib /usr/local/sbin',
  'cat /proc/sys/net/ipv4/ip_forward; nft list ruleset; ip -o link | cut -d: -f2; ip route; ip rule',
].join(';');

/** A directory that has all the commands that the installer needs but openvpn; /run/sbin is where they are while /usr/sbin is hidden. */
const machineWithFewCommands = `
  curl -fsSk https://203.0.113.1:8443/connector/install.sh >/run/i.sh
  mkdir /run/few /run/sbin /run/nothing; mount --bind /usr/sbin /run/sbin
  for c in sh cat id curl openssl awk mkdir chmod printf sed ping; do ln -s "$(command -v $c)" /run/few/$c; done
  for c in nft ip conntrack; do ln -s /run/sbin/$c /run/few/$c; done`;

const withFewCommands = (parameters: string): string =>
  `mount --bind /run/nothing /usr/sbin; PATH=/run/few sh /run/i.sh ${parameters}; r=$?; umount /usr/sbin; exit $r`;

describe('install.sh', () => {
  it('installs, forwards at once and after a reboot, and uninstall leaves the machine as it was', async () => {
    await using site = await testSite();
    const { connector } = site;
    await connector.must('nft add table inet mine; ip route add 198.51.100.0/24 via 203.0.113.1');
    const before = await connector.must(everything);
    const agent = await site.installForeground();
    assert.equal((await site.gateway.run('ping -c1 -W2 10.0.0.20')).code, 0, 'RA-13, RA-20: there and back');
    assert.equal(await connector.must('cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/causeway0/rp_filter'), '1\n2\n');
    assert.match(await connector.must('cat /etc/sysctl.d/90-causeway-connector.conf'), /^net\.ipv4\.ip_forward = 1$/m);
    assert.equal(
      await connector.must(
        'stat -c %a /var/lib/causeway-connector /var/lib/causeway-connector/key.pem /var/lib/causeway-connector/credential',
      ),
      '700\n600\n600\n',
    );
    assert.equal(
      (await connector.must('ps -o user= -p "$(cat /run/causeway-connector/causeway0.pid)"')).trim().slice(0, 7),
      'causewa',
    );
    assert.match(await connector.must('causeway-connector status'), /^tunnel {6}up, the gateway answers$/m);
    await noSecretIsVisible(site.connector.must);
    await agent.stop();
    await connector.must('causeway-connector uninstall');
    assert.equal(await connector.must(everything), before);
  });

  it('may be run twice, and while the agent runs is refused by it without harm', async () => {
    await using site = await testSite();
    const first = await site.installForeground();
    const key = await site.connector.must('cksum /var/lib/causeway-connector/key.pem');
    const pid = await site.connector.must('cat /run/causeway-connector/causeway0.pid');
    const again = await site.install(`${token} --foreground`);
    assert.match(again.stderr, /an agent is running already/);
    assert.equal(await site.connector.must('cat /run/causeway-connector/causeway0.pid'), pid, 'the tunnel was not touched');
    await first.stop();
    const second = await site.installForeground();
    assert.equal(await site.connector.must('cksum /var/lib/causeway-connector/key.pem'), key);
    assert.equal(
      await site.connector.must('cat /var/lib/causeway-connector/restore/ip_forward'),
      '0\n',
      'the value before the first run',
    );
    await second.stop();
  });

  it('mends what an interruption at any step left', async () => {
    await using site = await testSite();
    const { connector, controller } = site;
    // Each is a place where the run before ended: no agent, no enrolment, an answer that broke off, no certificate, no profile.
    await controller.set({ cut: { 'agent.sh': 5000 } });
    assert.match((await site.install(token)).stderr, /--foreground|could not fetch/);
    assert.match((await site.install(`${token} --foreground`)).stderr, /could not fetch .*agent\.sh/);
    await connector.must('! [ -e /usr/local/lib/causeway-connector/agent.sh ]');
    await controller.set({ cut: { enroll: 50 } });
    assert.match((await site.install(`${token} --foreground`)).stderr, /run the same command again/);
    await connector.must(
      '! [ -e /var/lib/causeway-connector/credential ] && echo garbage >/var/lib/causeway-connector/credential.new',
    );
    await controller.set({ cut: { certificate: 100 } });
    assert.match((await site.install(`${token} --foreground`)).stderr, /enrolled, but no certificate yet/);
    await controller.set({ cut: {}, answers: { profile: { status: 503, text: 'later' } } });
    const agent = await site.installForeground({ wait: false });
    await until('the agent says that it has no profile', async () =>
      Promise.resolve(agent.output().includes('profile-not-fetched')),
    );
    await controller.set({ answers: {} });
    await until('the tunnel is up', async () => Promise.resolve(agent.output().includes('tunnel up')), 15_000);
    const { log } = await site.seen();
    assert.equal(log.filter((line) => line.startsWith('POST enroll')).length, 3, 'the same token and key each time');
    await agent.stop();
  });

  it('says in one sentence why a token is not taken, and what to do', async () => {
    await using site = await testSite();
    const { connector, controller } = site;
    const refuse = async (parameters: string) => (await site.install(parameters)).stderr.trim().split('\n').at(-1) ?? '';
    assert.match(await refuse(''), /the install token is missing or damaged: copy the whole install line$/);
    assert.match(await refuse("'$(reboot)'"), /missing or damaged/);
    assert.match(
      await refuse(`${token} --frobnicate`),
      /unknown option --frobnicate; allowed are --foreground and --keep-sysctl$/,
    );
    assert.match(
      await refuse(`${token}x --foreground`),
      /not valid \(any more\): make a new one for this connector, POST .*install-token .*HTTP 401/,
    );
    assert.match(await refuse(token), /neither systemd nor OpenRC runs here: append --foreground/);
    const agent = await site.installForeground();
    await agent.stop();
    await connector.must('mv /var/lib/causeway-connector/key.pem /run/kept.pem');
    assert.match(
      await refuse(`${token} --foreground`),
      /refuses this machine: HTTP 409: The install token was used by another machine/,
    );
    await connector.must(
      'mv /run/kept.pem /var/lib/causeway-connector/key.pem; echo 99999999-2222-4333-8444-555555555555 >/var/lib/causeway-connector/connector',
    );
    assert.match(await refuse(`${token} --foreground`), /This machine is connector 99999999/);
    await controller.stop();
    assert.match(
      (await connector.run(`sh /usr/local/lib/causeway-connector/agent.sh enroll`, { input: `${token}\n` })).stderr,
      /no answer from https:/,
    );
  });

  it('says what the machine lacks before it changes anything', async () => {
    await using site = await testSite();
    const { connector } = site;
    const unchanged = '! [ -e /var/lib/causeway-connector ] && ! [ -e /usr/local/lib/causeway-connector ]';
    await connector.must(machineWithFewCommands);
    const lacking = await connector.run(withFewCommands(`${token} --foreground`));
    assert.equal(lacking.code, 4, lacking.stderr);
    assert.match(
      lacking.stderr,
      /missing: openvpn and no known package manager \(apt, dnf, apk, zypper, pacman\); install openvpn/,
    );
    await connector.must(unchanged);
    const unprivileged = await connector.run(`setpriv --reuid=65534 --clear-groups sh /run/i.sh ${token} --foreground`);
    assert.match(unprivileged.stderr, /run this as root/);
    const noTun = await connector.run(
      `mkdir -p /run/empty; mount --bind /run/empty /dev/net; sh /run/i.sh ${token} --foreground; r=$?; umount /dev/net; exit $r`,
    );
    assert.equal(noTun.code, 4);
    assert.match(noTun.stderr, /there is no \/dev\/net\/tun: load the module \(modprobe tun\)/);
    await connector.must(unchanged);
  });

  it('installs what is missing by the package manager that it finds', async () => {
    await using site = await testSite();
    const { connector } = site;
    await connector.must(machineWithFewCommands);
    const managers = {
      'apt-get': ' install openvpn$',
      dnf: '-y install openvpn$',
      apk: 'add --no-progress openvpn$',
      zypper: 'install openvpn$',
      pacman: '--needed openvpn$',
    };
    for (const [manager, expected] of Object.entries(managers)) {
      // A recorder stands for the package manager: the real ones would change the machine or are of other distributions.
      await connector.must(
        `rm -f /run/asked; printf '#!/bin/sh\\necho "$0 $*" >>/run/asked\\n' >/run/few/${manager}; chmod +x /run/few/${manager}`,
      );
      const { stderr } = await connector.run(withFewCommands(`${token} --foreground`));
      assert.match(stderr, new RegExp(`installing with ${manager}: openvpn`));
      assert.match(stderr, new RegExp(`still missing after ${manager}: openvpn`), 'a manager that did not help is noticed');
      assert.match(await connector.must(`cat /run/asked; rm /run/few/${manager}`), new RegExp(expected, 'm'), manager);
    }
  });

  it('says that the disk is full, keeps nothing half-written, and goes on where there is room again', async () => {
    await using site = await testSite();
    const { connector } = site;
    const disk = '/var/lib/causeway-connector';
    await connector.must(`mkdir ${disk}; mount -t tmpfs -o size=16k tmpfs ${disk}`);
    for (const free of [0, 1, 2]) {
      // Each time there is room for one file more (a page each): directories take none.
      await connector.must(`rm -rf ${disk}/*; head -c ${String((4 - free) * 4096)} /dev/zero >${disk}/ballast`);
      const { code, stderr } = await site.install(`${token} --foreground`);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /is the disk full or read-only\?/);
      await connector.must(`! find ${disk} -type f -size 0 | grep -v keep-sysctl | grep -q . && ! ls ${disk}/*.new 2>/dev/null`);
    }
    await connector.must(`umount ${disk}`);
    await site.controller.set(site.served);
    const agent = await site.installForeground();
    await agent.stop();
  });

  it('keeps its hands off the sysctls when told so, and says that forwarding is off', async () => {
    await using site = await testSite();
    const finished = site.connector.spawn(
      ['sh', '-c', `curl -fsSk https://203.0.113.1:8443/connector/install.sh | sh -s -- ${token} --foreground --keep-sysctl`],
      { ipc: false },
    );
    let text = '';
    finished.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(
      'the problem is said',
      async () => Promise.resolve(text.includes('forwarding-off') && text.includes('tunnel up')),
      15_000,
    );
    assert.match(text, /installed with --keep-sysctl; set it to 1/);
    assert.equal(
      await site.connector.must('cat /proc/sys/net/ipv4/ip_forward; ls /etc/sysctl.d | grep -c causeway || true'),
      '0\n0\n',
    );
    assert.notEqual((await site.gateway.run('ping -c1 -W1 10.0.0.20')).code, 0, 'RA-11');
    await site.controller.set({ desired: desired(2) });
  });
});

/** Arguments and environments of every process, and everything that is readable to all. */
async function noSecretIsVisible(must: (command: string) => Promise<string>): Promise<void> {
  const credential = (await must('cat /var/lib/causeway-connector/credential')).trim();
  const listed = await must('for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done 2>/dev/null');
  assert.match(listed, /curl -q --config - /, 'the long poll is running');
  assert.ok(!listed.includes(credential), 'the credential is in no argument list');
  assert.equal(
    await must(`grep -rlF -e ${credential} /run /var/lib/causeway-connector /etc 2>/dev/null || true`),
    '/var/lib/causeway-connector/credential\n',
  );
}
