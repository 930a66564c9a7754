/** beginning is the pattern of `like` for text that begins with this; signs that mean something in a pattern are themselves. */
export function beginning(text: string): string {
  return `${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** containing is the pattern of `like` for text that has this in it. */
export function containing(text: string): string {
  return `%${beginning(text)}`;
}
