/** StreamEvent is one event of a text/event-stream; `data` lines are joined by line breaks. */
export type StreamEvent = { readonly event: string; readonly data: string; readonly id: string | null };

/** Above this the sender has gone mad: a snapshot of 5,000 endpoints has about 1.5 MB. */
const mostCharacters = 256 * 1024 * 1024;

/** EventStreamParser reads text/event-stream (WHATWG HTML 9.2.6), cut anywhere; comments (heartbeats) give nothing. */
export class EventStreamParser {
  readonly #pieces: string[] = [];
  #length = 0;
  #event = '';
  #data: string[] = [];
  #id: string | null = null;

  /** feed gives the events that this piece completes. Throws RangeError if a line grows beyond all measure. */
  feed(piece: string): StreamEvent[] {
    // A snapshot comes in many pieces without a line break: they are joined once, not at each piece.
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > mostCharacters)
      throw new RangeError(`a line of the stream has more than ${String(mostCharacters)} characters`);
    if (!piece.includes('\n')) return [];
    const lines = this.#pieces.splice(0).join('').split('\n');
    const rest = lines.pop() ?? '';
    this.#pieces.push(rest);
    this.#length = rest.length;
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line) ?? []);
  }

  #line(line: string): StreamEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    const event =
      this.#data.length === 0
        ? null
        : { event: this.#event === '' ? 'message' : this.#event, data: this.#data.join('\n'), id: this.#id };
    this.#event = '';
    this.#data = [];
    return event;
  }
}
