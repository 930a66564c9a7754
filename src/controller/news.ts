/** News tells whether something with this key was not told within the quiet time; a true answer counts as telling it. */
export type News = (key: string, now_ms: number) => boolean;

/**
 * newsOnce is for what repeats by itself and says no more each time (a refused client tries again every few seconds): writing each down
 * would fill the event list, under the lock of the model. In memory: after a restart each is told once more.
 */
export function newsOnce(quiet_ms: number): News {
  const toldAt = new Map<string, number>();
  return (key, now_ms) => {
    for (const [told, at_ms] of toldAt) {
      // Entries are in the order in which they were told: what follows is younger.
      if (now_ms - at_ms < quiet_ms) break;
      toldAt.delete(told);
    }
    if (toldAt.has(key)) return false;
    toldAt.set(key, now_ms);
    return true;
  };
}
