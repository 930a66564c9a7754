import type { Started } from './host.ts';

/** outputOf keeps what a program that stays writes, for waiting on a word of it and for telling a failure. */
export function outputOf(child: Started): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  return () => text;
}
