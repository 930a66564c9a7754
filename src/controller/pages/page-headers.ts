/**
 * What a page of the portal may do: load from its own origin, and nothing else. No inline script and no inline style element; `style`
 * attributes that scripts set through the DOM are not what `style-src` is about. Text never becomes markup: 'script' is demanded of trusted
 * types, of which none are made.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** pageHeaders are those of index.html, in place of what answers of the API have (http/response-headers.ts). */
export const pageHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cache-Control': 'no-cache',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'same-origin',
} as const;

/** The name of an asset holds the hash of its content, so it never changes. */
export const assetHeaders = {
  'Cache-Control': 'public, max-age=31536000, immutable',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
