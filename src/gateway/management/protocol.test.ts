import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ManagementMessage } from './protocol.ts';
import { ManagementParser } from './protocol.ts';

function parse(...pieces: readonly string[]): ManagementMessage[] {
  const parser = new ManagementParser();
  return pieces.flatMap((piece) => parser.feed(piece));
}

/** What openvpn 2.6.14 sent in one session, shortened. */
const captured = [
  ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info",
  '>HOLD:Waiting for hold release:0',
  'SUCCESS: hold release succeeded',
  '>CLIENT:CONNECT,0,1',
  '>CLIENT:ENV,n_clients=0',
  '>CLIENT:ENV,password=',
  '>CLIENT:ENV,IV_PLAT=linux',
  '>CLIENT:ENV,tls_id_0=O=a=b, CN=x',
  '>CLIENT:ENV,END',
  '>CLIENT:ADDRESS,0,100.96.1.2,1',
  '>CLIENT:ADDRESS,0,10.0.0.0/255.255.192.0,0',
  'SUCCESS: client-auth command succeeded',
  '>CLIENT:ESTABLISHED,0',
  '>CLIENT:ENV,IV_VER=2.6.14',
  '>CLIENT:ENV,END',
  '>BYTECOUNT_CLI:0,5096,4236',
  'TITLE\tOpenVPN 2.6.14',
  'END',
  'ERROR: client-auth command failed',
  '>STATE:1795550326,CONNECTED,SUCCESS,100.96.0.1,,,,',
  '>CLIENT:DISCONNECT,0',
  '>CLIENT:ENV,bytes_received=5',
  '>CLIENT:ENV,END',
  '>FATAL:out of luck',
]
  .join('\r\n')
  .concat('\r\n');

const understood: readonly ManagementMessage[] = [
  { kind: 'info', text: "OpenVPN Management Interface Version 5 -- type 'help' for more info" },
  { kind: 'hold' },
  { kind: 'answer', ok: true, text: 'hold release succeeded' },
  {
    kind: 'connect',
    cid: 0,
    kid: 1,
    environment: new Map([
      ['n_clients', '0'],
      ['password', ''],
      ['IV_PLAT', 'linux'],
      ['tls_id_0', 'O=a=b, CN=x'],
    ]),
  },
  { kind: 'address', cid: 0, address: '100.96.1.2', primary: true },
  { kind: 'address', cid: 0, address: '10.0.0.0/255.255.192.0', primary: false },
  { kind: 'answer', ok: true, text: 'client-auth command succeeded' },
  { kind: 'established', cid: 0, environment: new Map([['IV_VER', '2.6.14']]) },
  { kind: 'bytecount', cid: 0, bytesIn: 5096, bytesOut: 4236 },
  { kind: 'line', text: 'TITLE\tOpenVPN 2.6.14' },
  { kind: 'end' },
  { kind: 'answer', ok: false, text: 'client-auth command failed' },
  { kind: 'state', state: 'CONNECTED' },
  { kind: 'disconnect', cid: 0, environment: new Map([['bytes_received', '5']]) },
  { kind: 'fatal', text: 'out of luck' },
];

describe('management protocol', () => {
  it('reads what openvpn sends', () => {
    assert.deepEqual(parse(captured), understood);
  });

  it('reads the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(captured.length), { maxLength: 30 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), captured.length];
        const pieces = at.slice(1).map((end, index) => captured.slice(at[index], end));
        assert.deepEqual(parse(...pieces), understood);
      }),
    );
  });

  it('never throws and never loses what comes after nonsense', () => {
    const nonsense = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '>CLIENT:',
        '>CLIENT:CONNECT',
        '>CLIENT:CONNECT,x,1',
        '>CLIENT:CONNECT,1',
        '>CLIENT:ENV,',
        '>CLIENT:ENV,END',
        '>',
        '>:',
        '>BYTECOUNT_CLI:1,2',
        'SUCCESS:',
        'END ',
      ),
    );
    fc.assert(
      fc.property(fc.array(nonsense, { maxLength: 20 }), (lines) => {
        const messages = parse(`${lines.join('\n')}\n`, captured);
        assert.deepEqual(messages.slice(-understood.length), understood);
      }),
    );
  });

  it('drops a block that another message cuts short', () => {
    assert.deepEqual(parse('>CLIENT:CONNECT,7,1\n>CLIENT:ENV,a=b\n>BYTECOUNT_CLI:1,2,3\n>CLIENT:ENV,END\n'), [
      { kind: 'bytecount', cid: 1, bytesIn: 2, bytesOut: 3 },
      { kind: 'unknown', text: '>CLIENT:ENV,END' },
    ]);
  });

  it('keeps its memory small against a line and a block without end', () => {
    const parser = new ManagementParser();
    for (let i = 0; i < 2_000; i += 1) parser.feed('x'.repeat(1_000));
    const [message] = parser.feed('\n');
    assert.ok(message?.kind === 'line' && message.text.length <= 16_384);
    parser.feed('>CLIENT:CONNECT,1,1\n');
    for (let i = 0; i < 5_000; i += 1) parser.feed(`>CLIENT:ENV,k${String(i)}=v\n`);
    const [block] = parser.feed('>CLIENT:ENV,END\n');
    assert.ok(block?.kind === 'connect' && block.environment.size === 1_000);
  });
});
