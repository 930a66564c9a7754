import { useCallback, useState } from 'react';
import type { RefCallback } from 'react';

/** useWidth is how wide an element is, in whole pixels; undefined until it has been seen. */
export function useWidth(): readonly [RefCallback<HTMLElement>, number | undefined] {
  const [width, setWidth] = useState<number | undefined>(undefined);
  const watch = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [watch, width];
}
