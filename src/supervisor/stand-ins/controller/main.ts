/** Speaks the controller's IPC: asks the database once, then answers each request with the name of the socket that it came by. */
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'node:net';
import pg from 'pg';
import { controllerListen, controllerStart } from '../../../contract/controller-start.ts';
import { isPing, pong } from '../../../contract/supervisor-control.ts';

const served = new Set<string>();
let wanted = Number.POSITIVE_INFINITY;

process.on('disconnect', () => {
  if (!keepsOn) process.exit(0);
});
process.on('SIGTERM', () => process.exit(0));
// What a fault may do: let go of the supervisor, and stay.
let keepsOn = false;
process.on('SIGUSR1', () => {
  keepsOn = true;
  process.disconnect?.();
});
// What a taken-over controller could do: write into its channel (descriptor 3) what is no message.
process.on('SIGUSR2', () => writeSync(3, 'gar{bage\n{"cmd":"NODE_HANDLE","type":"nonsense"}\n'));
process.on('message', (message: unknown, handle: unknown) => {
  if (isPing(message)) return void process.send?.(pong);
  const start = controllerStart.safeParse(message);
  if (start.success) return void begin(start.data.database, start.data.gatewayTokenHash !== null);
  const { name } = controllerListen.parse(message);
  if (!(handle instanceof Server)) throw new Error(`listen ${name} came without a socket`);
  const http = createServer((request, response) => {
    // As when somebody has set the installation up, and as a taken-over controller that would have root show or write something else.
    if (request.url === '/is-set-up') process.send?.({ kind: 'set-up-link', url: null });
    if (request.url === '/hostile-link') process.send?.({ kind: 'set-up-link', url: 'https://x/set-up#\u001b[2J' });
    response.end(name);
  });
  handle.on('connection', (socket) => http.emit('connection', socket));
  served.add(name);
  sayReady();
});

async function begin(database: string, gateway: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  await client.query('create table if not exists started (at timestamptz default now())');
  await client.query('insert into started default values');
  await client.end();
  process.send?.({ kind: 'set-up-link', url: `https://stand-in/set-up#${'s'.repeat(43)}` });
  wanted = gateway ? 3 : 2;
  sayReady();
}

function sayReady(): void {
  if (served.size === wanted) process.send?.({ kind: 'ready' });
}
