import { shellWord } from '../core/shell-word.ts';

/** restoreCommand is what somebody types to bring an installation back to a backup; what is there now is kept aside. */
export function restoreCommand(file: string, dataDirectory: string): string {
  return `causeway restore ${shellWord(file)} --data ${shellWord(dataDirectory)} --replace`;
}
