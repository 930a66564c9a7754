import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkParameters } from '../../platforms/router-commands.ts';
import { exampleValues } from '../../platforms/test-example.ts';
import type { PlatformId } from '../../platforms/catalogue.ts';
import type { Cause, Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import { findingCodes } from '../finding-code.ts';
import { catalogue, themes } from './catalogue.ts';
import type { Fix } from './finding.ts';
import { exampleCause, exampleContext, examples } from './test-examples.ts';

function fixesOf(cause: Cause): readonly Fix[] {
  return catalogue[cause.code].fixes(cause, exampleContext, examples[cause.code].direction);
}

describe('the catalogue', () => {
  it('has each of the 62 codes in one theme', () => {
    const listed = Object.values(themes).flatMap((theme) => Object.keys(theme));
    assert.equal(findingCodes.length, 62);
    assert.deepEqual(listed.toSorted(), [...findingCodes].toSorted());
  });

  it('explains without circles', () => {
    const visit = (code: FindingCode, path: readonly FindingCode[]): void => {
      assert.ok(!path.includes(code), [...path, code].join(' -> '));
      for (const next of catalogue[code].hides) visit(next, [...path, code]);
    };
    for (const code of findingCodes) visit(code, []);
  });

  for (const code of findingCodes) {
    it(`${code}: says everything, and offers something`, () => {
      const cause = exampleCause(code);
      const { title, explanation, symptom, injectable } = catalogue[code];
      assert.match(title(cause), /^\S[^\n]*[^.\s]$/);
      assert.match(explanation(cause), /^\S[^\n]*\.$/);
      assert.match(symptom, /^\S[^\n]*\.$/);
      assert.ok(injectable === true || injectable.length > 20);
      const fixes = fixesOf(cause);
      assert.ok(fixes.length > 0);
      for (const fix of fixes) {
        assert.ok(fix.commands.length + fix.console.length > 0, `${fix.title} says nothing`);
        assert.equal(fix.canApply === 'agent', fix.action !== null);
        assert.ok(
          fix.undo.length > 0 || fix.risk !== '' || fix.commands.length === 0 || undoless.has(code),
          `${fix.title}: no undo and no risk`,
        );
      }
      if (fixes.length > 1)
        assert.ok(
          fixes.slice(1).every((fix) => fix.betterWhen !== ''),
          'a second way does not say when it is better',
        );
    });

    it(`${code}: reads the facts that it names, and no other`, () => {
      const cause = exampleCause(code);
      const { reads } = catalogue[code];
      const kept = Object.fromEntries(
        Object.entries(cause.facts).filter(([name]) => reads.some((read) => read === name)),
      ) as Facts;
      assert.deepEqual(textsOf({ ...cause, facts: kept }), textsOf(cause));
    });
  }
});

/** As connector/agent/act.sh has them. */
const settings =
  /^(?:net\/ipv4\/ip_forward=1|net\/ipv6\/conf\/all\/forwarding=1|net\/ipv4\/conf\/[^/]+\/forwarding=1|net\/ipv4\/conf\/[^/]+\/rp_filter=2|net\/ipv6\/conf\/[^/]+\/accept_ra=2)$/;

describe('what an agent may do', () => {
  const actions = findingCodes.flatMap((code) => fixesOf(exampleCause(code)).flatMap(({ action }) => action ?? []));

  it('is a setting that connectors change, an accept, or forgetting flows', () => {
    for (const action of actions) if (action.kind === 'sysctl') assert.match(`${action.name}=${String(action.value)}`, settings);
    assert.deepEqual([...new Set(actions.map(({ kind }) => kind))].toSorted(), ['accept-forward', 'forget-flows', 'sysctl']);
  });
});

/** What is only looked at, started, or given out has nothing to be taken back. */
const undoless = new Set<FindingCode>(['CON-OFFLINE', 'CLI-STALE-ROUTES', 'CLI-NO-ROUTE', 'POL-DENY', 'OVL-NO-NETWORK']);

function textsOf(cause: Cause) {
  const { title, explanation } = catalogue[cause.code];
  return { title: title(cause), explanation: explanation(cause), fixes: fixesOf(cause) };
}

describe('the way back', () => {
  const onPlatform = (platform: PlatformId, more: Facts = {}): readonly Fix[] => {
    const { object, facts } = exampleCause('NAT-OFF-NO-ROUTE');
    const parameters = exampleValues(platform);
    assert.ok(checkParameters(platform, parameters).ok);
    return fixesOf({ code: 'NAT-OFF-NO-ROUTE', object, facts: { ...facts, platform, parameters, ...more } });
  };

  it('is a route or NAT, each with when it is better', () => {
    const fixes = fixesOf(exampleCause('NAT-OFF-NO-ROUTE'));
    assert.deepEqual(
      fixes.map(({ platform, title }) => [platform, title.slice(0, 8)]),
      [
        ['linux', 'Option 1'],
        ['causeway', 'Option 2'],
      ],
    );
    assert.ok(fixes.every(({ betterWhen }) => betterWhen !== ''));
    assert.ok(fixes[0]?.console.some((line) => line.includes('causeway static-routes "HQ Network" --platform ID')));
  });

  it('is written in the words of the platform that is known', () => {
    assert.ok(
      onPlatform('mikrotik').some(({ commands }) =>
        commands.some((line) => line.startsWith('/ip route add dst-address=100.96.0.0/11')),
      ),
    );
    const [route] = onPlatform('aws');
    assert.equal(route?.platform, 'aws');
    assert.match(route.terraform ?? '', /aws_route/);
  });

  it('begins with NAT where the router keeps state, and has nothing else where the platform takes no route', () => {
    assert.deepEqual(
      onPlatform('pfsense').map(({ platform }) => platform),
      ['causeway', 'pfsense'],
    );
    assert.deepEqual(
      onPlatform('hetzner').map(({ platform }) => platform),
      ['causeway'],
    );
    assert.deepEqual(
      onPlatform('alibaba').map(({ platform }) => platform),
      ['causeway'],
    );
  });

  it('is never NAT for what the LAN begins, nor between sites', () => {
    const cause = exampleCause('RTR-NO-ROUTE');
    const begun = catalogue['RTR-NO-ROUTE'].fixes(cause, exampleContext, 'forward');
    assert.deepEqual(
      begun.map(({ platform }) => platform),
      ['linux'],
    );
    const site = { ...cause, facts: { ...cause.facts, prefix: exampleCause('SITE-ROUTE-ONE-WAY').facts.prefix } } as Cause;
    assert.deepEqual(
      fixesOf(site).map(({ platform }) => platform),
      ['linux'],
    );
  });
});

describe('accepts at other firewalls', () => {
  const dropped = (facts: Facts): Fix | undefined => {
    const { object, facts: known } = exampleCause('HFW-FORWARD-DROP');
    return fixesOf({ code: 'HFW-FORWARD-DROP', object, facts: { ...known, ...facts } })[0];
  };

  for (const [name, facts, first] of [
    [
      'Docker',
      { family: 'ip', table: 'filter', chain: 'FORWARD', owner: 'docker' },
      /^nft insert rule ip filter DOCKER-USER iifname/,
    ],
    [
      'Docker with nft',
      { family: 'ip', table: 'docker-bridges', chain: 'filter-FORWARD', owner: 'docker' },
      /^nft insert rule ip docker-bridges filter-FORWARD/,
    ],
    ['ufw', { family: 'ip', table: 'filter', chain: 'ufw-reject-forward' }, /^ufw route allow in on causeway0/],
    [
      'firewalld',
      { family: 'inet', table: 'firewalld', chain: 'filter_FORWARD' },
      /^firewall-cmd --permanent --new-zone=causeway/,
    ],
    ['libvirt', { family: 'ip', table: 'filter', chain: 'LIBVIRT_FWI' }, /^nft insert rule ip filter FORWARD iifname/],
    [
      'libvirt with nft',
      { family: 'ip', table: 'libvirt_network', chain: 'guest_input' },
      /^nft insert rule ip libvirt_network forward/,
    ],
    ['nobody known', { family: 'ip', table: 'filter', chain: 'FORWARD' }, /^nft insert rule ip filter FORWARD iifname/],
  ] as const) {
    it(`${name}: in its own place, both ways`, () => {
      const fix = dropped(facts);
      assert.match(fix?.commands[0] ?? '', first);
      assert.ok(fix?.commands.some((line) => /oifname|out on|causeway-out/.test(line)));
    });
  }

  it('leave the command out where a name cannot stand in one', () => {
    const fix = dropped({ table: '"; reboot' });
    assert.deepEqual(fix?.commands, []);
    assert.equal(fix.action, null);
    assert.ok(fix.console.length > 0);
  });
});
