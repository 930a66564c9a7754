import { html } from './markup.ts';
import type { Markup } from './markup.ts';

/** Sentence is one line of a letter, in both of its forms. */
export type Sentence = { readonly text: string; readonly markup: Markup };

/**
 * say is a tagged template for a sentence with the words of others in it: names of people and of the WPC may hold anything. In both forms
 * such a value is one line, cut and without signs that reorder what stands around it; in HTML it is escaped and isolated (`bdi`).
 */
export function say(literals: TemplateStringsArray, ...values: readonly string[]): Sentence {
  const shown = values.map((value) => oneLine(value));
  const text = literals.map((literal, index) => `${literal}${shown[index] ?? ''}`).join('');
  const pieces = literals.map((literal, index) => {
    const value = shown[index];
    return value === undefined ? html`${literal}` : html`${literal}<bdi>${value}</bdi>`;
  });
  return { text, markup: html`${pieces}` };
}

/** Longest value in a sentence, in code points: a name of 2,000 must not hide what the letter says. */
const longestValue = 80;

/** Marks and embeddings of direction: in a name they would turn around the rest of the line (Unicode UAX 9). */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** oneLine makes the words of others fit for a line: in a header, a second line would be a header of its own. */
export function oneLine(text: string, longest: number = longestValue): string {
  const line = text
    .toWellFormed()
    .replaceAll(directions, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const points = Array.from(line);
  return points.length > longest ? `${points.slice(0, longest).join('')}…` : line;
}
