import type { Serial } from '../core/ids.ts';

/** isSerial is true for 32 lower-case hexadecimal digits. */
export function isSerial(text: string): text is Serial {
  return /^[0-9a-f]{32}$/.test(text);
}

/**
 * tryParseSerial reads openvpn's `aa:bb:cc` form or the common name of our certificates. Leading zero bytes, which DER leaves out, are
 * put back. Null for what cannot be one of our serials (another CA's certificate has at most 20 bytes).
 */
export function tryParseSerial(text: string): Serial | null {
  const digits = text.replaceAll(':', '').toLowerCase().padStart(32, '0');
  return text !== '' && isSerial(digits) ? digits : null;
}
