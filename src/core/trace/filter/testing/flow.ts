/** What the test and its two flow workers say to each other. Tests: `./causeway node --test 'src/core/trace/filter/*.integration.test.ts'`, as root. */

export type TestFlow = {
  readonly id: string;
  readonly protocol: 'udp' | 'tcp' | 'icmp';
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
};

export type FlowCommand =
  | { readonly kind: 'listen'; readonly addresses: readonly string[]; readonly ports: readonly number[] }
  | { readonly kind: 'send'; readonly flows: readonly TestFlow[]; readonly limit_ms: number }
  | { readonly kind: 'close' };

export type FlowEvent =
  | { readonly kind: 'ready' | 'sent' | 'closed' }
  | { readonly kind: 'answered'; readonly id: string }
  | {
      readonly kind: 'arrived';
      readonly id: string;
      readonly source: string;
      readonly sourcePort: number;
      readonly destination: string;
      readonly destinationPort: number;
    };
