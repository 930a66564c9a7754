import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './test-host.ts';
import type { TestHost, Userland } from './test-host.ts';
import type { ForegroundAgent, TestSite } from './test-site.ts';
import { desired, lanePorts, testSite } from './test-site.ts';

const state = '/var/lib/causeway-connector';
const run = '/run/causeway-connector';

/** A hand-over takes two seconds; on a machine that runs many tests at once, ten times that. */
const patience_ms = 90_000;

/** What the controller says where the gateway has a lane for it. */
const handover = `203.0.113.1 ${String(lanePorts.h)}`;

/**
 * handoverTests are the tests of the hand-over on one kind of machine: what is handed over for, or what goes wrong meanwhile. Called by one
 * file for each, so that files run side by side: a hand-over is several seconds.
 */
export function handoverTests(userland: Userland, part: 'changes' | 'faults'): void {
  describe(`the hand-over of a ${userland} machine: ${part}`, () => {
    let site: TestSite;
    let agent: ForegroundAgent;
    let connector: TestHost;
    let revision = 1;
    let tunnelHash = 10;

    before(async () => {
      site = await testSite(userland);
      connector = site.connector;
      await site.startLane('h');
      agent = await site.installForeground({ environment: 'CAUSEWAY_HANDOVER_SECONDS=6 CAUSEWAY_LANE_RETURN_PAUSE=1' });
      await change({ handover });
      await until('the tunnel is the one that the new state asks for', async () =>
        Promise.resolve(agent.output().includes('nat:')),
      );
    });
    after(async () => await site[Symbol.asyncDispose]());

    async function change(changes: Parameters<typeof desired>[1]): Promise<void> {
      revision += 1;
      await site.controller.set({ desired: desired(revision, { ...changes }) });
    }
    /** Something that only a new tunnel brings. */
    async function askForNewTunnel(): Promise<void> {
      tunnelHash += 1;
      await change({ handover, tunnel: String(tunnelHash) });
    }
    const finished = async (mark: number, legs: number): Promise<void> => {
      await until(
        `${String(legs)} legs are over`,
        async () => Promise.resolve(agent.output().slice(mark).split('handed over to').length > legs),
        patience_ms,
      ).catch(async (cause: unknown) => {
        throw new Error(
          `${String(cause)}\n${agent.output().slice(mark)}\n${(await connector.run(`cat ${run}/causeway?.log; cat ${run}/handover`)).stdout}`,
        );
      });
      await until('the process has ended', async () => (await connector.run(`! [ -e ${run}/handover ]`)).code === 0, patience_ms);
    };
    /** Pings through the connector each 5 ms while something happens, and says how many were lost. */
    async function lostDuring(happens: () => Promise<void>): Promise<number> {
      const log = `${site.controller.directory}/ping.log`;
      const answered = async (): Promise<number[]> =>
        [...(await site.gateway.must(`cat ${log}`)).matchAll(/icmp_seq=(\d+) ttl/g)].map(([, number]) => Number(number));
      await site.gateway.must(`ping -i 0.005 10.0.0.20 >${log} 2>&1 </dev/null & echo $! >${log}.pid`);
      try {
        await until('the first answers', async () => (await answered()).length > 20);
        await happens();
        const last = Math.max(...(await answered()));
        await until('answers go on', async () => Math.max(...(await answered())) > last + 40);
      } finally {
        await site.gateway.must(`kill "$(cat ${log}.pid)"; while kill -0 "$(cat ${log}.pid)" 2>/dev/null; do sleep 0.1; done`);
      }
      // Those that were on their way at the end are neither answered nor lost.
      const numbers = await answered();
      return Math.max(...numbers) - new Set(numbers).size;
    }
    const openvpns = async (): Promise<number> =>
      Number((await connector.run('grep -l openvpn /proc/[0-9]*/comm 2>/dev/null | wc -l')).stdout);
    /** One tunnel with everything, and nothing left of the other. */
    async function oneTunnel(lane: keyof typeof lanePorts): Promise<void> {
      await until('one openvpn is left', async () => (await openvpns()) === 1, patience_ms);
      const device = (await connector.must(`cat ${state}/device 2>/dev/null || echo causeway0`)).trim();
      const other = device === 'causeway0' ? 'causeway1' : 'causeway0';
      const nothingOfTheOther = `! ip link show ${other} 2>/dev/null && ! ls ${state}/${other}.* 2>/dev/null`;
      await until('nothing of the other is left', async () => (await connector.run(nothingOfTheOther)).code === 0, patience_ms);
      assert.equal(
        await connector.must(`ip -4 -o addr show dev ${device} | awk '{ print $4 }'; ip -4 route show proto 196 | sort`),
        `100.96.0.100/32\n100.96.0.0/11 dev ${device} scope link \n192.168.0.0/22 dev ${device} scope link \n`,
      );
      assert.match(
        await connector.must(`cat ${run}/${device}.lane`),
        new RegExp(`^203\\.0\\.113\\.1:${String(lanePorts[lane])} udp$`, 'm'),
      );
      const status = await connector.must('causeway-connector status');
      assert.match(status, new RegExp(`^device {6}${device}$`, 'm'));
      assert.match(status, /^tunnel {6}up, the gateway answers$/m);
      assert.equal((await site.gateway.run('ping -c1 -W2 10.0.0.20')).code, 0);
    }

    if (part === 'changes') {
      it('loses nothing when the certificate is renewed: over the hand-over lane and back to its own', async () => {
        await site.controller.set({ renewCertificates: true });
        const mark = agent.output().length;
        // Once more than the change of the preamble, which may be under way.
        const lost = await lostDuring(async () => {
          // The function that the agent calls when it is due, in the agent's own text.
          await connector.must(
            `sed '/^main "\\$@"$/,$d' /usr/local/lib/causeway-connector/agent.sh >/run/functions.sh; echo 'set -u; umask 077; renew_certificate || echo "$renew_failure"; }' >>/run/functions.sh; sh /run/functions.sh`,
          );
          await change({ handover });
          await finished(mark, 2);
        });
        assert.equal(lost, 0);
        await site.controller.set({ renewCertificates: false });
        await oneTunnel('c');
      });

      it('loses nothing when the tunnel’s configuration changes', async () => {
        const mark = agent.output().length;
        await site.controller.set({ profile: `${site.profile}mssfix 1300\n` });
        assert.equal(
          await lostDuring(async () => {
            await change({ handover, profile: 'bb22' });
            await finished(mark, 2);
          }),
          0,
        );
        assert.match(await connector.must(`cat ${state}/causeway0.conf`), /^mssfix 1300$/m);
        await oneTunnel('c');
      });

      it('goes to another lane without a way over the hand-over lane', async () => {
        await site.startLane('d');
        const mark = agent.output().length;
        await site.controller.set({ profile: site.profile.replace('1194', String(lanePorts.d)) });
        const lost = await lostDuring(async () => {
          await change({ handover, profile: 'cc33', tunnel: String(tunnelHash) });
          await finished(mark, 1);
        });
        assert.equal(lost, 0);
        assert.doesNotMatch(agent.output().slice(mark), /hand-over lane/);
        await oneTunnel('d');
        const back = agent.output().length;
        await site.controller.set({ profile: site.profile });
        await change({ handover, tunnel: String(tunnelHash) });
        await finished(back, 1);
        await oneTunnel('c');
        await site.stopLane('d');
      });

      it('comes back to its own lane from the next best one, and loses nothing by it', async () => {
        await site.startLane('d');
        await site.controller.set({ profile: `${site.profile}remote 203.0.113.1 ${String(lanePorts.d)} udp\n` });
        let mark = agent.output().length;
        await change({ handover, profile: 'dd44', tunnel: String(tunnelHash) });
        await finished(mark, 2);
        await site.stopLane('c');
        await until(
          'it is on the other lane',
          async () => (await connector.run(`grep -q ':${String(lanePorts.d)} ' ${run}/causeway?.lane`)).code === 0,
          patience_ms,
        );
        await until('packets pass', async () => (await site.gateway.run('ping -c1 -W1 10.0.0.20')).code === 0, patience_ms);
        mark = agent.output().length;
        // The start of the site's daemon is not what is measured.
        await site.startLane('c');
        const lost = await lostDuring(async () => {
          await change({ handover, profile: 'dd44', tunnel: String(tunnelHash) });
          await finished(mark, 1);
        });
        assert.equal(lost, 0);
        await oneTunnel('c');
        await site.controller.set({ profile: site.profile });
        mark = agent.output().length;
        await change({ handover, tunnel: String(tunnelHash) });
        await finished(mark, 2);
        await site.stopLane('d');
      });
    } else {
      it('keeps the present tunnel while the hand-over lane is taken, says so, and hands over when it is free', async () => {
        await site.busyLane('h', true);
        const mark = agent.output().length;
        const lost = await lostDuring(async () => {
          await askForNewTunnel();
          await until(
            'the refusal is said',
            async () => Promise.resolve(agent.output().slice(mark).includes('problem: handover-refused')),
            patience_ms,
          );
          assert.match(await connector.must('causeway-connector status'), /^problem {5}handover-refused/m);
          await site.busyLane('h', false);
          await finished(mark, 2);
        });
        assert.equal(lost, 0);
        assert.equal(await connector.must(`cat ${run}/problems/handover`), '');
        await oneTunnel('c');
      });

      it('is put right by the next agent when this one is killed at any point of it', async () => {
        for (const point of ['starting', 'moving', 'closing']) {
          const lost = await lostDuring(async () => {
            await askForNewTunnel();
            await until(
              'the point',
              async () => (await connector.run(`grep -q '^${point}' ${run}/handover`)).code === 0,
              patience_ms,
            );
            await connector.must(`kill -KILL "$(cat ${run}/agent.pid)"`);
            await agent.exited;
            agent = await site.installForeground({ environment: 'CAUSEWAY_HANDOVER_SECONDS=6 CAUSEWAY_LANE_RETURN_PAUSE=1' });
            await until(
              'what was asked for is reached',
              async () =>
                (await openvpns()) === 1 &&
                (await connector.run(`! grep -q handover ${state}/causeway?.running && ! [ -e ${run}/handover ]`)).code === 0,
              patience_ms,
            );
          });
          assert.equal(lost, 0, point);
          await oneTunnel('c');
        }
      });

      it('takes whichever tunnel answers first when the present one dies meanwhile', async () => {
        const mark = agent.output().length;
        await askForNewTunnel();
        await until(
          'the second tunnel is on its way',
          async () => (await connector.run(`grep -q '^starting' ${run}/handover`)).code === 0,
          patience_ms,
        );
        await site.stopLane('c');
        await finished(mark, 1);
        await until('packets pass', async () => (await site.gateway.run('ping -c1 -W1 10.0.0.20')).code === 0);
        await site.startLane('c');
        await until(
          'it is back on its lane',
          async () => (await connector.run(`grep -q ':1194 ' ${run}/causeway?.lane`)).code === 0,
          patience_ms,
        );
        await until(
          'no hand-over is under way',
          async () => (await connector.run(`! [ -e ${run}/handover ]`)).code === 0,
          patience_ms,
        );
        await oneTunnel('c');
      });

      it('restarts in place where the gateway has no lane for it, and ends both tunnels when it is suspended', async () => {
        let mark = agent.output().length;
        await change({ tunnel: 'ff' });
        await until(
          'it is restarted',
          async () => Promise.resolve(/restarting the tunnel[^]*tunnel up/.test(agent.output().slice(mark))),
          patience_ms,
        );
        assert.doesNotMatch(agent.output().slice(mark), /handed over/);
        mark = agent.output().length;
        await askForNewTunnel();
        await until('two tunnels', async () => (await openvpns()) === 2, patience_ms);
        await change({ handover, state: 'suspended' });
        await until('no tunnel', async () => (await openvpns()) === 0, patience_ms);
        await connector.must(`! [ -e ${run}/handover ]`);
        mark = agent.output().length;
        await change({ handover, tunnel: String(tunnelHash) });
        await until(
          'the tunnel is up again',
          async () => Promise.resolve(agent.output().slice(mark).includes('tunnel up')),
          patience_ms,
        );
        await oneTunnel('c');
      });
    }
  });
}
