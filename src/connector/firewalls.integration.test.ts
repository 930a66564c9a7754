import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './testing/test-host.ts';
import type { TestHost } from './testing/test-host.ts';
import type { ForegroundAgent, TestSite } from './testing/test-site.ts';
import { desired, testSite } from './testing/test-site.ts';

/** What Docker 24 leaves in the kernel, loaded by nft: iptables-nft and nft write the same rules. */
const docker = `
table ip filter {
  chain DOCKER-USER { counter return; }
  chain FORWARD { type filter hook forward priority filter; policy drop; counter jump DOCKER-USER; }
}`;

/** ufw's chains after \`ufw enable\` with its default for routed packets (compared with ufw 0.36.2). */
const ufwChains = `
table ip filter {
  chain ufw-before-forward { ct state related,established counter accept; counter jump ufw-user-forward; }
  chain ufw-user-forward { }
  chain FORWARD { type filter hook forward priority filter; policy drop; counter jump ufw-before-forward; }
}`;

/** Stands for ufw's command, which cannot be had without its package: records, and does to the kernel what the real one does. */
const ufwCommand = `#!/bin/sh
echo "$*" >>/run/ufw-asked
case "$*" in
  "route allow in on causeway"[01]" comment causeway-connector") nft add rule ip filter ufw-user-forward iifname "$5" counter accept ;;
  "route allow out on causeway"[01]" comment causeway-connector") nft add rule ip filter ufw-user-forward oifname "$5" counter accept ;;
  "route delete allow in on causeway"[01] | "route delete allow out on causeway"[01]) ;;
  *) echo "ERROR: Invalid syntax"; exit 1 ;;
esac
`;

/** Stands for firewall-cmd, whose daemon needs a system bus: knows the words that we use, keeps zones and policies in files. */
const firewallCommand = `#!/bin/sh
echo "$*" >>/run/firewalld-asked
case "$*" in
  --state) ;;
  --get-zone-of-interface=causeway[01]) if [ -e /run/firewalld-live ]; then echo causeway; else echo "no zone"; exit 2; fi ;;
  "--permanent --get-zones") echo "block public"; ;;
  "--permanent --get-policies") echo "allow-host-ipv6" ;;
  "--permanent --new-zone=causeway" | "--permanent --zone=causeway --add-interface=causeway"[01]) ;;
  "--permanent --new-policy=causeway-"* | "--permanent --policy=causeway-"*" --set-target=ACCEPT") ;;
  "--permanent --policy=causeway-in --add-ingress-zone=causeway" | "--permanent --policy=causeway-in --add-egress-zone=ANY") ;;
  "--permanent --policy=causeway-out --add-ingress-zone=ANY" | "--permanent --policy=causeway-out --add-egress-zone=causeway") ;;
  "--permanent --delete-policy=causeway-"* | "--permanent --delete-zone=causeway") ;;
  --reload) touch /run/firewalld-live; nft insert rule inet firewalld filter_FORWARD iifname causeway0 accept; nft insert rule inet firewalld filter_FORWARD oifname causeway0 accept ;;
  *) echo "usage: $*" >&2; exit 2 ;;
esac
`;

describe('other firewalls on the connector’s machine', () => {
  let site: TestSite;
  let connector: TestHost;
  let agent: ForegroundAgent;
  let revision = 1;

  before(async () => {
    site = await testSite();
    connector = site.connector;
    await connector.must('nft -f -', docker);
    agent = await site.installForeground();
  });
  after(async () => site[Symbol.asyncDispose]());

  const passes = async (): Promise<boolean> => (await site.gateway.run('ping -c1 -W1 10.0.0.20')).code === 0;
  /** Makes the agent go through one pass. */
  async function pass(what: string, look: () => Promise<boolean>): Promise<void> {
    revision += 1;
    await site.controller.set({ desired: desired(revision) });
    await until(what, look, 15_000).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${agent.output()}`);
    });
  }
  const problems = async (): Promise<string> => connector.must('cat /run/causeway-connector/problems/apply');
  const report = async (): Promise<string> => connector.must('cat /run/causeway-connector/firewalls');

  it('Docker: is asked in DOCKER-USER, again after it was flushed, and once only', async () => {
    assert.ok(await passes());
    await connector.must('nft flush chain ip filter DOCKER-USER');
    assert.ok(!(await passes()), 'it was our rule that let it through');
    await pass('packets pass again', passes);
    await pass('another pass', async () => Promise.resolve(true));
    const chain = await connector.must('nft list chain ip filter DOCKER-USER');
    assert.equal(chain.split('causeway-connector').length - 1, 2, chain);
    assert.match(await report(), /^docker nft DOCKER-USER accepts causeway\*$/m);
  });

  it('a chain of nobody’s known: is named with what to do, and left alone', async () => {
    await connector.must(
      'nft -f -',
      'table inet hardening {\n chain frwd { type filter hook forward priority 10; policy drop; }\n}\n',
    );
    await pass('the chain is named', async () => (await problems()).includes('forward-dropped nft chain inet hardening frwd'));
    assert.match(await problems(), /accept iifname "causeway\*" and oifname "causeway\*" in it/);
    assert.ok(!(await passes()));
    assert.match(await report(), /^drop inet hardening frwd$/m);
    await connector.must(
      'nft add rule inet hardening frwd iifname \\"causeway*\\" accept; nft add rule inet hardening frwd oifname \\"causeway*\\" accept',
    );
    await pass('it is mended', async () => (await problems()) === '' && (await passes()));
    await connector.must('nft delete table inet hardening');
  });

  it('Docker on iptables-legacy: is asked there', async () => {
    await connector.must('iptables-legacy -P FORWARD DROP');
    await pass('a policy without Docker is named', async () =>
      (await problems()).includes("iptables-legacy's FORWARD policy is DROP"),
    );
    await connector.must('iptables-legacy -N DOCKER-USER; iptables-legacy -I FORWARD -j DOCKER-USER');
    await pass('packets pass', passes);
    await pass('another pass', async () => (await problems()) === '');
    assert.equal((await connector.must('iptables-legacy -S DOCKER-USER')).split('causeway+').length - 1, 2);
  });

  it('uninstall takes back the rules that were ours and no other', async () => {
    await connector.must('nft add rule ip filter DOCKER-USER ip saddr 192.0.2.1 drop comment \\"mine\\"');
    await agent.stop();
    await connector.must('causeway-connector uninstall');
    const chain = await connector.must('nft list chain ip filter DOCKER-USER');
    assert.doesNotMatch(chain, /causeway/);
    assert.match(chain, /192\.0\.2\.1/);
    const legacy = await connector.run(
      'iptables-legacy -S; iptables-legacy -F; iptables-legacy -X; iptables-legacy -P FORWARD ACCEPT',
    );
    assert.doesNotMatch(legacy.stdout, /causeway/);
    await connector.must('nft delete table ip filter');
    await site.controller.set(site.served);
  });

  it('ufw: gets route rules by its own command, and gives them back', async () => {
    await connector.must('cat >/usr/local/sbin/ufw; chmod +x /usr/local/sbin/ufw', ufwCommand);
    await connector.must('nft -f -', ufwChains);
    agent = await site.installForeground();
    await until('packets pass', passes);
    assert.equal(
      await connector.must('cat /run/ufw-asked'),
      ['causeway0', 'causeway1']
        .flatMap((device) => ['in', 'out'].map((way) => `route allow ${way} on ${device} comment causeway-connector\n`))
        .join(''),
    );
    await pass('another pass', async () => (await report()).includes('ufw active'));
    assert.equal((await connector.must('cat /run/ufw-asked')).split('\n').length, 5, 'asked once');
    await agent.stop();
    await connector.must('causeway-connector uninstall');
    assert.match(
      await connector.must('cat /run/ufw-asked'),
      /route delete allow in on causeway0\nroute delete allow out on causeway0\nroute delete allow in on causeway1\nroute delete allow out on causeway1\n$/,
    );
    await connector.must('nft delete table ip filter; rm /usr/local/sbin/ufw');
    await site.controller.set(site.served);
  });

  it('firewalld: gets a zone and two policies, and gives them back', async () => {
    await connector.must('cat >/usr/local/sbin/firewall-cmd; chmod +x /usr/local/sbin/firewall-cmd', firewallCommand);
    await connector.must(
      'nft -f -',
      'table inet firewalld {\n chain filter_FORWARD { type filter hook forward priority 10; policy accept; ct state established,related accept; reject; }\n}\n',
    );
    agent = await site.installForeground();
    await until('packets pass', passes);
    const asked = await connector.must('cat /run/firewalld-asked');
    assert.match(
      asked,
      /--new-zone=causeway\n[^]*--zone=causeway --add-interface=causeway0\n[^]*--add-interface=causeway1\n[^]*--policy=causeway-out --add-egress-zone=causeway\n--reload\n/,
    );
    await pass('another pass', async () => (await report()).includes('zone causeway holds causeway0 causeway1'));
    assert.equal((await connector.must('cat /run/firewalld-asked')).split('--reload').length - 1, 1, 'reloaded once');
    await agent.stop();
    await connector.must('causeway-connector uninstall');
    assert.match(
      await connector.must('cat /run/firewalld-asked'),
      /--delete-policy=causeway-in\n--permanent --delete-policy=causeway-out\n--permanent --delete-zone=causeway\n--reload\n$/,
    );
  });
});
