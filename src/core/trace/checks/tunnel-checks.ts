import type { Check, ConnectorView } from './connector-view.ts';
import { found, lineOf, nothing } from './connector-view.ts';

/** Certificates begin to be valid some minutes before they are issued; past that a clock is wrong for TLS. */
const tolerableSkew_s = 120;

/** The machine's clock against ours, at the moment of its report. */
export const clock: Check = (view) => {
  const [said, at] = [lineOf(view, 'agent', 'clock'), view.observedAt('agent')];
  if (said === undefined || at === undefined || !/^\d{1,12}$/.test(said)) return nothing;
  const skew_s = Math.round(Number(said) - Date.parse(at) / 1000);
  if (!(Math.abs(skew_s) > tolerableSkew_s)) return nothing;
  return found(view, 'CLOCK-SKEW', {
    value: `${String(skew_s)} s`,
    observation: `its clock is ${String(Math.abs(skew_s))} s ${skew_s > 0 ? 'ahead' : 'behind'}`,
  });
};

/** It is connected, but over TCP, although it has a UDP lane of its own. */
export const udpBlocked: Check = (view) => {
  const { attachment, endpoint } = view;
  if (attachment === undefined || endpoint === undefined || endpoint.lane === null) return nothing;
  return attachment.lane.startsWith('t')
    ? found(view, 'CON-UDP-BLOCKED', { observation: `it is connected over TCP (lane ${attachment.lane})` })
    : nothing;
};

/** What openvpn's own words give away, in the order in which they would explain each other. */
const words: readonly {
  readonly pattern: RegExp;
  readonly code: 'TUN-MISSING' | 'CLOCK-SKEW' | 'SELINUX-DENY' | 'CON-UDP-BLOCKED';
}[] = [
  { pattern: /^no-tun |Cannot open TUN\/TAP dev|cannot allocate TUN\/TAP dev/i, code: 'TUN-MISSING' },
  { pattern: /certificate is not yet valid|certificate has expired/i, code: 'CLOCK-SKEW' },
  { pattern: /avc:\s+denied/i, code: 'SELINUX-DENY' },
  { pattern: /TLS key negotiation failed to occur within|Server poll timeout|Connection timed out/i, code: 'CON-UDP-BLOCKED' },
];

/**
 * Why a tunnel that is down does not come up. One that comes up for a moment again and again, since the machine fails after the handshake, is
 * down too, though the gateway may hold a session of it just now: its agent gets no answer through it.
 */
export const tunnelDown: Check = (view) => {
  if (view.connector.suspended) return nothing;
  const reason = reasonOf(view);
  const isFlapping =
    reason !== undefined && view.section('tunnel') !== undefined && lineOf(view, 'tunnel', 'up-since') === undefined;
  if (view.attachment !== undefined && !isFlapping) return nothing;
  const offline = found(view, 'CON-OFFLINE', lastWords(view));
  return reason === undefined ? offline : [...found(view, reason.code, { observation: reason.quote }), ...offline];
};

function reasonOf(view: ConnectorView): { readonly code: (typeof words)[number]['code']; readonly quote: string } | undefined {
  const lines = [...(view.section('problems') ?? '').split('\n'), ...(view.section('tunnel-log') ?? '').split('\n')];
  for (const { pattern, code } of words) {
    const quote = lines.find((line) => pattern.test(line));
    if (quote !== undefined) return { code, quote: quote.slice(0, 200) };
  }
  return undefined;
}

function lastWords(view: ConnectorView): { readonly observation?: string } {
  const last = view.section('tunnel-log')?.trimEnd().split('\n').at(-1);
  return last === undefined || last === '' ? {} : { observation: last.slice(0, 200) };
}
