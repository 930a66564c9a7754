import type { PrefixText } from '../../core/ip/prefix.ts';
import type { DesiredKernel } from '../kernel/desired-kernel.ts';
import type { KernelPlan, Step } from '../kernel/kernel-plan.ts';
import { kernelPrefix } from '../kernel/kernel-prefix.ts';
import { viaDevices } from '../kernel/kernel-routes.ts';
import type { NftElements } from '../kernel/nft-elements.ts';
import type { NftSetName } from '../kernel/nft-table.ts';
import { chainShape, nftSetNames, nftSets, setShape } from '../kernel/nft-table.ts';
import type { ObservedDevice, ObservedKernel } from '../kernel/observed-kernel.ts';
import { markText } from '../kernel/ownership.ts';

/**
 * FakeKernel takes the lines of a plan as `ip` and `nft` do and keeps what they make, so that thousands of plans can be tried. It throws at
 * a line that it does not know and at what the real ones refuse: an element twice with another value, or one to be deleted that is not there.
 * kernel.integration.test.ts and egress.integration.test.ts do the same with the real ones.
 */
export class FakeKernel {
  readonly #devices = new Map<string, { up: boolean; addresses: string[] }>();
  readonly #rules = new Set<string>();
  readonly #tables = new Map<number, Map<PrefixText, string>>();
  readonly #main: number;
  #shapes: ReadonlySet<string> | null = null;
  readonly #elements = new Map<NftSetName, Set<string>>();

  constructor(main: number) {
    this.#main = main;
  }

  apply({ nft, ip }: KernelPlan, desired: Pick<DesiredKernel, 'chains'>): void {
    for (const step of nft) this.#nft(step, desired);
    for (const step of ip) this.#ip(step.line.split(' '), step.line);
  }

  observe(): ObservedKernel {
    const tables = new Map([...this.#tables].filter(([number, routes]) => number !== this.#main && routes.size > 0));
    const elements = Object.fromEntries(nftSetNames.map((set) => [set, new Set(this.#elements.get(set))]));
    return {
      devices: new Map<string, ObservedDevice>(this.#devices),
      rules: new Set(this.#rules),
      routes: new Map(this.#tables.get(this.#main)),
      tables,
      table: this.#shapes === null ? null : { shapes: this.#shapes, elements: elements as unknown as NftElements },
    };
  }

  #nft({ line }: Step, { chains }: Pick<DesiredKernel, 'chains'>): void {
    if (line.startsWith('table inet ')) {
      this.#shapes = new Set([
        ...chains.map(({ name, base, rules }) =>
          chainShape(
            name,
            base,
            rules.map((rule) => rule.name),
          ),
        ),
        ...nftSetNames.map((name) => setShape(name, nftSets[name])),
      ]);
      this.#elements.clear();
      return;
    }
    const [, verb, name, element = ''] = /^(add|delete) element inet \S+ (\S+) \{ (.*) \}$/.exec(line) ?? [];
    const set = nftSetNames.find((known) => known === name);
    if (set === undefined) throw new Error(`no such line in nft: ${line}`);
    const elements = this.#elements.get(set) ?? new Set<string>();
    this.#elements.set(set, elements);
    const words = element.split(/ [.:] /).map((word) => spelled(word));
    const text = words.join(' ');
    const isOther = (other: string) => other !== text && other.startsWith(`${words[0] ?? ''} `);
    if (verb === 'delete' && !elements.delete(text)) throw new Error(`No such file or directory: ${line}`);
    if (verb === 'add' && 'value' in nftSets[set] && [...elements].some(isOther)) throw new Error(`File exists: ${line}`);
    if (verb === 'add') elements.add(text);
  }

  #ip(words: readonly string[], line: string): void {
    const [object, verb] = words;
    const after = (word: string) => words[words.indexOf(word) + 1] ?? '';
    if (object === 'route') return this.#route(words, verb === 'del');
    const rule = line.replace(/^rule (add|del) /, '').replace(/ protocol 196$/, '');
    const device = after('dev');
    switch (`${object ?? ''} ${verb ?? ''}`) {
      case 'rule add':
        return void this.#rules.add(rule);
      case 'rule del':
        return void this.#rules.delete(rule);
      case 'tuntap add':
        return void this.#devices.set(device, { up: false, addresses: [] });
      case 'addr add':
        return void this.#devices.get(device)?.addresses.push(words[2] ?? '');
      case 'link set':
        return void this.#devices.set(device, { addresses: [], ...this.#devices.get(device), up: true });
      case 'link del':
        this.#devices.delete(device);
        for (const routes of this.#tables.values()) for (const [prefix, via] of routes) if (via === device) routes.delete(prefix);
        return;
      default:
        throw new Error(`no such line in ip: ${line}`);
    }
  }

  #route(words: readonly string[], isRemoval: boolean): void {
    const table = Number(words[words.indexOf('table') + 1]);
    const routes = this.#tables.get(table) ?? new Map<PrefixText, string>();
    this.#tables.set(table, routes);
    const prefix = words[2] as PrefixText;
    const via = viaDevices(words.flatMap((word, index) => (words[index - 1] === 'dev' ? [word] : [])));
    if (!isRemoval) {
      const missing = via.split(' ').find((device) => !this.#devices.has(device));
      if (missing !== undefined) throw new Error(`Cannot find device "${missing}"`);
      routes.set(prefix, via);
    } else if (via === '' || routes.get(prefix) === via) routes.delete(prefix);
  }
}

function spelled(word: string): string {
  if (word.startsWith('"')) return word.slice(1, -1);
  return word.startsWith('0x') ? markText(Number(word)) : (kernelPrefix(word) ?? word);
}
