/** Words of one line of iptables-save: separated by blanks, quoted where they hold some. */

export function wordsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(' ').filter((word) => word !== '');
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|([^\s"]+)/g;
  for (const found of line.matchAll(pattern)) words.push(found[1]?.replace(/\\(.)/g, '$1') ?? found[2] ?? '');
  return words;
}

/** Words is a place in a line: what comes next, and whether a `!` stands before it. */
export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(offset = 0): string | undefined {
    return this.#words[this.#at + offset];
  }

  take(): string {
    const word = this.#words[this.#at] ?? '';
    this.#at += 1;
    return word;
  }

  /** Takes a `!` if one is next. */
  takeNot(): boolean {
    if (this.peek() !== '!') return false;
    this.#at += 1;
    return true;
  }
}
