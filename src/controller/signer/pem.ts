/** toPem wraps bytes as RFC 7468 wants them: base64 in lines of 64 characters between the label's borders, with a newline at the end. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** tryFromPem gives the bytes of text that is exactly one block of this label; undefined for anything else. */
export function tryFromPem(label: string, text: string): Buffer | undefined {
  const match = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END ([A-Z0-9 ]+)-----$/.exec(text.trim());
  const [, begin, body, end] = match ?? [];
  return begin === label && end === label && body !== undefined ? Buffer.from(body, 'base64') : undefined;
}
