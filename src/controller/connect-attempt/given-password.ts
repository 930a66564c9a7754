/** GivenPassword is what stands in the password that openvpn hands on (openvpn's management-notes, challenge/response). */
export type GivenPassword =
  /** `code`: with `static-challenge` in the profile the client has asked for it in advance. */
  | { readonly kind: 'password'; readonly password: string; readonly code: string | null }
  /** The answer to our challenge: `state` stands for the password, which was right. */
  | { readonly kind: 'code'; readonly state: string; readonly code: string };

/** parseGivenPassword never fails: what only looks like one of the forms is a password that somebody has chosen. */
export function parseGivenPassword(text: string): GivenPassword {
  const [, state, code] = /^CRV1::([A-Za-z0-9_-]{22})::(.*)$/s.exec(text) ?? [];
  if (state !== undefined && code !== undefined) return { kind: 'code', state, code: code.trim() };
  const [, password, response] = /^SCRV1:([A-Za-z0-9+/]+={0,2}):([A-Za-z0-9+/]*={0,2})$/.exec(text) ?? [];
  if (password === undefined || response === undefined) return { kind: 'password', password: text, code: null };
  const given = decode(response).trim();
  return { kind: 'password', password: decode(password), code: given === '' ? null : given };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
