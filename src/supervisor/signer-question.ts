import { connect } from 'node:net';

/** What it answers from memory (signer/protocol.ts). */
const question = `${JSON.stringify({ id: 1, kind: 'authority' })}\n`;

/**
 * askSigner asks the signer over its socket for its certificate, which it does for the controller too: it has no channel to its supervisor, so that
 * nothing but a signal reaches whoever holds the CA's key from there. Resolves when something came back, whatever it is; rejects when nothing did.
 */
export async function askSigner(path: string, patienceMs = 10_000): Promise<void> {
  const socket = connect({ path });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(patienceMs, () => reject(new Error(`the signer gives no answer at ${path}`)));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`the signer hung up at ${path}`)));
      socket.once('data', () => resolve());
      socket.write(question);
    });
  } finally {
    socket.destroy();
  }
}
