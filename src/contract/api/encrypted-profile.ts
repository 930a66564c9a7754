/**
 * The set-up token of `openvpn-connector-setup` (api.md 8.3): `<base64 key><40 character reference>`. The tool fetches
 * `<CLOUDCONNEXA_BASEURL><reference>` without authentication; its base URL ends in `/`, so it is `https://HOST/connector/profiles/`.
 */
import { defineRoute } from './route.ts';

export const encryptedProfileRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/connector/profiles/:reference',
    summary: 'Fetch an encrypted connector profile by the reference that is part of the set-up token',
    answer: 'text',
    secretPath: true,
  }),
};
