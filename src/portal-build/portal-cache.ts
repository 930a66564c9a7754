import path from 'node:path';

/** portalCache is where built portals are kept: the launcher's cache (`./causeway`), which every user of the machine may read if it is root's. */
export function portalCache(environment: Readonly<Record<string, string | undefined>>, uid: number | undefined): string {
  if (uid === 0) return '/var/cache/causeway';
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment;
  if (cache === '' && home === '') throw new Error('set HOME or XDG_CACHE_HOME, which say where the built portal is kept');
  return path.join(cache === '' ? path.join(home, '.cache') : cache, 'causeway');
}
