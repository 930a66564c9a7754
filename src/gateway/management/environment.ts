import { maximumMachineLength } from '../../core/device-identity.ts';
import { tryParseSerial } from '../serial.ts';
import type { Serial } from '../../core/ids.ts';
import type { PeerInfo } from '../session.ts';

/** ClientIdentity is what a CLIENT block says of who connects from where; the serial is proved by TLS, all else is said by the client. */
export type ClientIdentity = { readonly serial: Serial | null; readonly clientAddress: string; readonly peer: PeerInfo };

/** readIdentity picks what decisions and reports need out of a block's environment (names: openvpn.md 2.2, seen with 2.6.14). */
export function readIdentity(environment: ReadonlyMap<string, string>): ClientIdentity {
  return {
    serial: tryParseSerial(environment.get('tls_serial_hex_0') ?? ''),
    clientAddress: environment.get('untrusted_ip') ?? environment.get('untrusted_ip6') ?? 'unknown',
    peer: readPeerInfo(environment),
  };
}

/** readPeerInfo takes the client's own words, cut to what a report may carry and without control characters. */
export function readPeerInfo(environment: ReadonlyMap<string, string>): PeerInfo {
  const version = said(environment.get('IV_VER'));
  const platform = said(environment.get('IV_PLAT'));
  const machine = said(environment.get('IV_HWADDR'), maximumMachineLength);
  return {
    ...(version === undefined ? {} : { version }),
    ...(platform === undefined ? {} : { platform }),
    ...(environment.get('UV_CAUSEWAY_AGENT') === undefined ? {} : { agent: true }),
    ...(machine === undefined || machine === '' ? {} : { machine }),
    ...(announcesPushUpdate(environment.get('IV_PROTO')) ? { pushUpdate: true } : {}),
  };
}

/** IV_PROTO is a sum of bits in decimal; bit 12 is IV_PROTO_PUSH_UPDATE [openvpn 2.7 ssl.h]. */
function announcesPushUpdate(protocol: string | undefined): boolean {
  return protocol !== undefined && /^\d{1,9}$/.test(protocol) && (Number(protocol) & 4096) !== 0;
}

function said(text: string | undefined, length = 60): string | undefined {
  return text?.replace(/[^\x20-\x7e]/g, '?').slice(0, length);
}
