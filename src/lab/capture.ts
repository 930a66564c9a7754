import { awaitCondition } from './await-condition.ts';
import type { Host } from './host.ts';
import { signalStarted } from './host.ts';

/** Packet is one captured packet; MAC addresses are absent on a tun, and `ttl` is the hop limit of IPv6. */
export type Packet = {
  readonly macSource?: string;
  readonly macDestination?: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  /** What tcpdump says after the addresses, such as `Flags [S.], …`. */
  readonly text: string;
};

/** Capture is a tcpdump on one device of a host, which has begun to listen when `captureOn` returns. */
export class Capture implements AsyncDisposable {
  readonly #lines: string[] = [];
  readonly #stop: () => void;
  readonly #ended: Promise<void>;
  readonly where: string;

  constructor(where: string, stdout: NodeJS.ReadableStream, stop: () => void, ended: Promise<void>) {
    this.where = where;
    this.#stop = stop;
    this.#ended = ended;
    let rest = '';
    stdout.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      this.#lines.push(...lines);
    });
  }

  /** Packets seen so far. */
  get packets(): readonly Packet[] {
    return joinDetails(this.#lines).flatMap((line) => parsePacket(line) ?? []);
  }

  /** Waits for a packet that fits; undefined when none came in time. What cannot be there needs a short time only. */
  async find(fits: (packet: Packet) => boolean, withinMs = 1000): Promise<Packet | undefined> {
    try {
      return await awaitCondition('a packet', () => this.packets.find(fits), { withinMs, everyMs: 20 });
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#ended;
  }
}

/** captureOn listens on a device with a pcap filter. -U and immediate mode: a packet is seen when it passes, not a second later. */
export async function captureOn(host: Host, device: string, filter: string): Promise<Capture> {
  const child = host.start(['tcpdump', '-i', device, '-e', '-n', '-v', '-l', '--immediate-mode', '-U', '-c', '500', filter]);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const where = `${device} on ${host.name}`;
  const capture = new Capture(where, child.stdout, () => signalStarted(child, 'SIGINT'), ended);
  await awaitCondition(
    `tcpdump listens on ${where}`,
    () => {
      if (child.exitCode !== null) throw new Error(said.trim());
      return said.includes('listening on') ? true : undefined;
    },
    { everyMs: 10 },
  );
  return capture;
}

/** Where to listen: a host and its device. */
export type Place = readonly [Host, string];

/** Captures are those of one flow at several places. Dispose of them when the flow has been told. */
export class Captures<Name extends string> implements AsyncDisposable {
  readonly at: Readonly<Record<Name, Capture>>;

  constructor(at: Readonly<Record<Name, Capture>>) {
    this.at = at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values<Capture>(this.at).map((capture) => capture[Symbol.asyncDispose]()));
  }
}

/** captureAt listens with one filter at several places, all of which listen when it returns. */
export async function captureAt<Name extends string>(
  filter: string,
  places: Readonly<Record<Name, Place>>,
): Promise<Captures<Name>> {
  const begun = Object.entries<Place>(places).map(
    async ([name, [host, device]]) => [name, await captureOn(host, device, filter)] as const,
  );
  return new Captures(Object.fromEntries(await Promise.all(begun)) as Record<Name, Capture>);
}

/** With -v tcpdump breaks a packet in two lines, the second indented. */
function joinDetails(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const line of lines) {
    if (/^\s/.test(line) && joined.length > 0) joined[joined.length - 1] += line;
    else joined.push(line);
  }
  return joined;
}

/** IPv4 or IPv6, with or without a port. */
const address = String.raw`((?:\d+\.){3}\d+|[0-9a-f:]*:[0-9a-f:]+)(?:\.\d+)?`;
const packetLine = new RegExp(String.raw`(?:ttl|hlim) (\d+),.*?\)\s+${address} > ${address}: (.*)$`);
const macs = /^\S+ ([0-9a-f:]{17}) > ([0-9a-f:]{17}),/;

/** parsePacket reads one line of `tcpdump -e -n -v`; undefined for what is not IP. */
export function parsePacket(line: string): Packet | undefined {
  const [, ttl, source, destination, text] = packetLine.exec(line) ?? [];
  if (ttl === undefined || source === undefined || destination === undefined || text === undefined) return undefined;
  const [, macSource, macDestination] = macs.exec(line) ?? [];
  const packet = { source, destination, ttl: Number(ttl), text };
  return macSource === undefined || macDestination === undefined ? packet : { ...packet, macSource, macDestination };
}

export const isSyn = (packet: Packet): boolean => packet.text.includes('Flags [S],');
export const isSynAck = (packet: Packet): boolean => packet.text.includes('Flags [S.],');
