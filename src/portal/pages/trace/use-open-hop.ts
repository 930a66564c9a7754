import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { KeptTrace } from '../../../contract/api/trace.ts';
import type { Direction } from '../../../core/trace/words.ts';

export type TracedHop = KeptTrace['forward']['hops'][number];

type OpenHop = {
  readonly name: string | undefined;
  readonly hop: TracedHop | undefined;
  readonly direction: Direction;
  readonly toggle: (name: string) => void;
};

const route = getRouteApi('/trace');

/** hopName is what the address calls a hop: `f1`, `r0`. */
export function hopName(direction: Direction, hop: number): string {
  return `${direction === 'forward' ? 'f' : 'r'}${String(hop)}`;
}

/** useOpenHop is the hop whose steps are shown. At first the one where the flow ends, if that is not where it should. */
export function useOpenHop({ verdict, forward, reverse }: KeptTrace): OpenHop {
  const { hop } = route.useSearch();
  const navigate = useNavigate({ from: '/trace' });
  const last = reverse === null ? hopName('forward', forward.hops.length - 1) : hopName('reverse', reverse.hops.length - 1);
  const name = hop ?? (verdict === 'works' ? undefined : last);
  const direction = name?.startsWith('r') === true ? 'reverse' : 'forward';
  const hops = (direction === 'reverse' ? reverse?.hops : forward.hops) ?? [];
  return {
    name,
    direction,
    hop: name === undefined ? undefined : hops[Number(name.slice(1))],
    toggle: (next) =>
      void navigate({
        search: (before) => ({ ...before, hop: next === hop ? undefined : next }),
        replace: true,
        resetScroll: false,
      }),
  };
}
