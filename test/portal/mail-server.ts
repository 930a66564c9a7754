/**
 * A mail server for tests: takes every mail, as the relay of a company would, and writes its receiver and text to stdout as one line of
 * JSON. Usage: node mail-server.ts ADDRESS PORT
 */
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerAddress } from 'smtp-server';

const [address, port] = process.argv.slice(2);
const server = new SMTPServer({
  logger: false,
  authOptional: true,
  hideSTARTTLS: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, { envelope }, callback) {
    void (async () => callback(await take(stream, envelope.rcptTo), '2.0.0 taken'))();
  },
});
// A client that leaves in the middle is no matter of the server's.
server.on('error', () => undefined);
server.listen(Number(port), address, () => console.log('listening'));

/** The reason where a mail cannot be taken, which its sender is then told. */
async function take(stream: Readable, receivers: readonly SMTPServerAddress[]): Promise<Error | null> {
  try {
    const { subject, text: said } = await simpleParser(await text(stream));
    console.log(JSON.stringify({ to: receivers.map(({ address: to }) => to), subject, text: said }));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
