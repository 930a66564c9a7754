/** The last event of a stream: the answer, or the API's error body. */
export type LastEvent = { readonly event: 'result' | 'error'; readonly data: string };

/** progressReader takes text/event-stream as it comes, in pieces of any size, tells `hear` of progress and gives the last event at the end. */
export function progressReader(hear: (progress: string) => void): {
  readonly push: (chunk: Uint8Array) => void;
  /** Undefined where the stream ended without an answer. */
  readonly end: () => LastEvent | undefined;
} {
  const decoder = new TextDecoder();
  let rest = '';
  let last: LastEvent | undefined;
  const take = (text: string): void => {
    rest += text;
    for (let at = rest.indexOf('\n\n'); at !== -1; at = rest.indexOf('\n\n')) {
      const block = rest.slice(0, at);
      rest = rest.slice(at + 2);
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? '';
      if (event === 'result' || event === 'error') last = { event, data };
      const progress = event === 'progress' ? textOf(data) : '';
      if (progress !== '') hear(progress);
    }
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => last,
  };
}

/** Progress is for people: what is no text of ours is not shown. */
function textOf(data: string): string {
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === 'object' && parsed !== null && 'text' in parsed && typeof parsed.text === 'string'
      ? parsed.text
      : '';
  } catch {
    return '';
  }
}
