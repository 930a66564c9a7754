import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressText } from '../ip/address.ts';
import { flowPacket } from './flow-packet.ts';
import type { ObservedMachine } from './input.ts';
import type { Packet, Protocol } from './packet.ts';
import { bob, flow, hrServer as server } from './testing/tutorial-wpc.ts';
import { unrepliedFlow } from './unreplied-flow.ts';

const ping = `icmp 1 29 src=${bob} dst=${server} type=8 code=0 id=7 [UNREPLIED] src=${server} dst=${bob} type=0 code=0 id=7 use=1`;
const lookUp = `udp 17 28 src=${bob} dst=${server} sport=4 dport=53 [UNREPLIED] src=${server} dst=${bob} sport=53 dport=4 use=1`;

const cases: readonly (readonly [string, string, Packet | null, boolean])[] = [
  ['a ping, to a packet of its kind', ping, packet('icmp'), true],
  ['a ping, to a packet of TCP', ping, packet('tcp'), false],
  ['a ping, to another server', ping, packet('icmp', '10.0.0.21' as AddressText), false],
  ['a ping, to anybody who asks', ping, null, true],
  ['a look-up by UDP', lookUp, packet('udp'), true],
  ['a ping that was last sent four seconds ago', ping.replace(' 29 ', ' 26 '), null, false],
  ['a ping that was answered', ping.replace(' [UNREPLIED]', ''), null, false],
  ['a ping with NAT, which nobody answered', ping.replace(`dst=${bob}`, 'dst=10.0.0.10'), null, false],
  [
    'an attempt of TCP that was given up before there was NAT',
    `tcp 6 119 SYN_SENT src=${bob} dst=${server} sport=4 dport=80 [UNREPLIED] src=${server} dst=${bob} sport=80 dport=4 use=1`,
    null,
    false,
  ],
  ['a line cut short', `icmp 1 29 src=${bob} [UNREP`, null, false],
];

for (const [name, line, asked, isFound] of cases) {
  test(`${name}: ${isFound ? 'goes on without NAT' : 'is nothing'}`, () => {
    assert.equal(unrepliedFlow(machineWith(line), asked), isFound ? line : undefined);
  });
}

function packet(protocol: Protocol, destination: AddressText = server): Packet {
  return flowPacket(flow(bob, destination, protocol));
}

function machineWith(line: string): ObservedMachine {
  return { sections: new Map([['conntrack', { body: `${line}\n`, observedAt: '2026-11-24T12:00:00.000Z' }]]) };
}
