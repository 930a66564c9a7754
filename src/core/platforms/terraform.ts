/** Terraform's language, as little of it as the generators need. Values come from patterns without quotes, `$` and `%`, so quoting is plain. */

/** hcl writes a string. Throws RangeError for what would need escaping: nothing that is checked holds it. */
export function hcl(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value) || /["\\$%]/.test(value)) throw new RangeError('a value of Terraform must be plain');
  return `"${value}"`;
}

/** list writes strings one to a line, as `terraform fmt` does. */
export function list(values: readonly string[]): string {
  return values.length === 0 ? '[]' : `[\n${values.map((value) => `    ${hcl(value)},\n`).join('')}  ]`;
}

/** file is comments (reduced text), then blocks with a line between them. */
export function file(comments: readonly string[], blocks: readonly (string | readonly string[])[]): string {
  return `${[comments.map((each) => `# ${each}`).join('\n'), ...blocks.flat()].join('\n\n')}\n`;
}

/** mapOf writes an object of strings with aligned keys. */
export function mapOf(entries: readonly (readonly [key: string, value: string])[]): string {
  const width = Math.max(0, ...entries.map(([key]) => key.length + 2));
  return entries.length === 0
    ? '{}'
    : `{\n${entries.map(([key, value]) => `    ${hcl(key).padEnd(width)} = ${hcl(value)}\n`).join('')}  }`;
}

type Body = Readonly<Record<string, string>>;

/** block writes `kind "label" "label" { … }` with aligned single-line attributes, as `terraform fmt` leaves it. `inner` are nested blocks. */
export function block(kind: string, labels: readonly string[], body: Body, inner: readonly string[] = []): string {
  const head = [kind, ...labels.map((label) => hcl(label))].join(' ');
  return `${head} {\n${attributes(body, '  ')}${inner.map((each) => `\n${indent(each)}\n`).join('')}}`;
}

/** nested is a block without labels for the inside of another. */
export function nested(kind: string, body: Body): string {
  return `${kind} {\n${attributes(body, '  ')}}`;
}

/** An attribute of several lines ends a group: what follows is aligned anew. */
function attributes(body: Body, margin: string): string {
  const groups: [string, string][][] = [[]];
  for (const entry of Object.entries(body)) {
    if (entry[1].includes('\n')) groups.push([entry], []);
    else groups.at(-1)?.push(entry);
  }
  return groups
    .map((group) => {
      const width = Math.max(0, ...group.map(([name]) => name.length));
      return group.map(([name, value]) => `${margin}${name.padEnd(width)} = ${value}\n`).join('');
    })
    .join('');
}

function indent(lines: string): string {
  return lines
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
}
