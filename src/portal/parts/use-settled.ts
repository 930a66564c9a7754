import { useEffect, useState } from 'react';

/** useSettled gives a value once it has stayed as it is for so long; before that, the one that had. */
export function useSettled<Value>(value: Value, wait_ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait_ms);
    return () => clearTimeout(timer);
  }, [value, wait_ms]);
  return settled;
}
