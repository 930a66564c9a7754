/**
 * The mail server of the lab: takes every mail, as the relay of a company would, and writes its receiver and text to stdout as one line of
 * JSON. Usage: node mail-server.ts ADDRESS PORT
 */
import { text } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const [address, port] = process.argv.slice(2);
const server = new SMTPServer({
  logger: false,
  authOptional: true,
  hideSTARTTLS: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, { envelope }, callback) {
    void text(stream)
      .then(async (raw) => await simpleParser(raw))
      .then((mail) => {
        console.log(JSON.stringify({ to: envelope.rcptTo.map(({ address: to }) => to), subject: mail.subject, text: mail.text }));
        callback(null, '2.0.0 taken');
      }, callback);
  },
});
// A client that leaves in the middle is no matter of the server's.
server.on('error', () => undefined);
server.listen(Number(port), address, () => console.log('listening'));
