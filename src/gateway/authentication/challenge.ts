import { longestPendingText } from '../../contract/connect-attempt.ts';

const words = 'Code of your authenticator app';

/**
 * challenge asks for a code in the way that a client without pages knows (CRV1, openvpn's management-notes): `R` a response is wanted, `E` it
 * may be seen while it is typed. The client comes again with it, and with `state` as proof that the password was right. The name is only
 * shown, so one that openvpn could not carry is left out.
 */
export function challenge(state: string, username: string): string {
  const text = (name: string) => `CRV1:R,E:${state}:${Buffer.from(name).toString('base64')}:${words}`;
  const whole = text(username);
  return whole.length <= longestPendingText ? whole : text('');
}
