import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/browser';
import type { NewPasskeyCredential, PasskeyAnswer } from '../../contract/api/passkey.ts';

/** Loaded when a passkey is made or asked for: the sign-in page stays small for who has none. */
const webAuthn = async () => await import('@simplewebauthn/browser');

type Options<Start extends 'startRegistration' | 'startAuthentication'> = Parameters<
  Awaited<ReturnType<typeof webAuthn>>[Start]
>[0]['optionsJSON'];

/** makePasskey has the browser ask its person for a new passkey. Null where that person thought better of it. */
export async function makePasskey(options: Readonly<Record<string, unknown>>): Promise<NewPasskeyCredential | null> {
  const { startRegistration } = await webAuthn();
  return (await unlessDeclined(startRegistration({ optionsJSON: options as unknown as Options<'startRegistration'> }))) as
    | (NewPasskeyCredential & RegistrationResponseJSON)
    | null;
}

/** askForPasskey has the browser ask its person to sign with a passkey. Null where that person thought better of it. */
export async function askForPasskey(options: Readonly<Record<string, unknown>>): Promise<PasskeyAnswer | null> {
  const { startAuthentication } = await webAuthn();
  return (await unlessDeclined(startAuthentication({ optionsJSON: options as unknown as Options<'startAuthentication'> }))) as
    | (PasskeyAnswer & AuthenticationResponseJSON)
    | null;
}

/** Closing the browser's own dialogue, and taking too long, are the same error: it does not say more (WebAuthn Level 3, 14.5.2). */
async function unlessDeclined<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError')) return null;
    throw error;
  }
}
