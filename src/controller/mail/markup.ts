/**
 * src/controller/mail is what is sent to people: letters (text and HTML from one source), the outbox, the mail server and its settings.
 * Tests: `node --test 'src/controller/mail/*.test.ts'`; they speak to a real SMTP server on the loopback.
 */

/** Not exported: only `html` makes one, so that text of others cannot become a tag. */
class SafeMarkup {
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }
  toString(): string {
    return this.#source;
  }
}

/** Markup is HTML that is safe to send. */
export type Markup = SafeMarkup;

/** html is a tagged template: values are escaped for elements and for quoted attributes, Markup is taken as it is. */
export function html(literals: TemplateStringsArray, ...values: readonly (string | Markup | readonly Markup[])[]): Markup {
  const parts = literals.map((literal, index) => {
    const value = values[index] ?? '';
    if (value instanceof SafeMarkup) return `${literal}${value.toString()}`;
    return `${literal}${typeof value === 'string' ? escape(value) : value.map(String).join('')}`;
  });
  return new SafeMarkup(parts.join(''));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
