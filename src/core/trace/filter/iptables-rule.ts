import { isExtensionEnd, readExtension } from './iptables-matches.ts';
import { addressMatch, interfaceMatch, never, protocolMatch } from './iptables-compare.ts';
import type { IptablesFamily } from './iptables-save.ts';
import { readTarget } from './iptables-targets.ts';
import { Words, wordsOf } from './iptables-words.ts';
import type { Statement } from './rules.ts';

/** readIptablesRule reads what follows `-A CHAIN` in iptables-save. What it does not know it says so, and reads on where it can. */
export function readIptablesRule(line: string, family: IptablesFamily, isChain: (name: string) => boolean): readonly Statement[] {
  const words = new Words(wordsOf(line));
  const statements: Statement[] = [];
  let protocol = '';
  while (!words.done) {
    const not = words.takeNot();
    const word = words.take();
    switch (word) {
      case '-p':
        protocol = words.take();
        statements.push(protocolMatch(protocol, not));
        break;
      case '-s':
        statements.push(addressMatch(family === 'ip' ? 'ip saddr' : 'ip6 saddr', words.take(), not));
        break;
      case '-d':
        statements.push(addressMatch(family === 'ip' ? 'ip daddr' : 'ip6 daddr', words.take(), not));
        break;
      case '-i':
        statements.push(interfaceMatch('meta iifname', words.take(), not));
        break;
      case '-o':
        statements.push(interfaceMatch('meta oifname', words.take(), not));
        break;
      case '-f':
        // Conntrack puts fragments together before any of this.
        if (!not) statements.push(never);
        break;
      case '-m':
        statements.push(...readExtension(words.take(), protocol, family, words));
        break;
      case '-j':
        statements.push(...readTarget(words.take(), 'jump', words, isChain));
        break;
      case '-g':
        statements.push(...readTarget(words.take(), 'goto', words, isChain));
        break;
      default:
        statements.push({ kind: 'perhaps', what: word });
        while (!words.done && !isExtensionEnd(words)) words.take();
    }
  }
  return statements;
}
