import { createHash } from 'node:crypto';

/** ContentMeasure measures what passes. In COPY's text each row is a line: a line feed within a value is written as two characters. */
export class ContentMeasure {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #lines = 0;

  add(piece: Buffer): void {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) this.#lines += 1;
  }

  total(): { readonly bytes: number; readonly lines: number; readonly sha256: string } {
    return { bytes: this.#bytes, lines: this.#lines, sha256: this.#hash.digest('hex') };
  }
}
