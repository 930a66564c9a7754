import type { EndpointId } from '../core/ids.ts';

/** How long a machine that was held off, or takeovers in turn, stay a problem without happening again. */
const rememberedMs = 60_000;
/** One takeover is a reconnect; this many within the time are two machines that take the session from each other. */
const suspiciousTakeovers = 3;

type Seen = { readonly at: number; readonly kind: 'held-off' | 'takeover'; readonly from: string };

/** ProfileUse notices one profile on two machines: the operator must learn of it, since to both it looks like a bad connection. */
export class ProfileUse {
  readonly #seen = new Map<EndpointId, Seen[]>();

  /** heldOff notes that a second machine was refused because the first is alive. */
  heldOff(endpoint: EndpointId, from: string, at: number): void {
    this.#note(endpoint, { at, kind: 'held-off', from });
  }

  /** takeover notes that a new session replaced one that was still alive. */
  takeover(endpoint: EndpointId, from: string, at: number): void {
    this.#note(endpoint, { at, kind: 'takeover', from });
  }

  /** problems gives one sentence for each profile that is in use twice. */
  problems(
    now: number,
    nameOf: (endpoint: EndpointId) => string,
  ): { readonly code: 'profile-in-use-twice'; readonly message: string }[] {
    return [...this.#seen].flatMap(([endpoint, all]) => {
      const seen = all.filter(({ at }) => now - at < rememberedMs);
      if (seen.length === 0) this.#seen.delete(endpoint);
      else this.#seen.set(endpoint, seen);
      const heldOff = seen.some(({ kind }) => kind === 'held-off');
      if (!heldOff && seen.length < suspiciousTakeovers) return [];
      const from = [...new Set(seen.map((entry) => entry.from))].join(', ');
      const outcome = heldOff ? 'the second one is held off' : 'they take the tunnel from each other';
      const message = `${nameOf(endpoint)}: its profile is used on two machines (${from}); ${outcome}. Give each its own profile, or revoke this one.`;
      return [{ code: 'profile-in-use-twice' as const, message: message.slice(0, 500) }];
    });
  }

  #note(endpoint: EndpointId, seen: Seen): void {
    this.#seen.set(endpoint, [...(this.#seen.get(endpoint) ?? []), seen].slice(-20));
  }
}
