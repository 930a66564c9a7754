import type { Plugin } from 'vite';

const resolved = '\0zod-without-eval';

/**
 * withoutEvalPlugin stands between `zod` and whoever imports it, and turns its compiler off before the first schema is made: it writes code
 * with `new Function`, which the content security policy refuses. Done by an import in main.tsx it would come too late: chunks with schemas
 * run before the module that imports them.
 */
export function withoutEvalPlugin(): Plugin {
  return {
    name: 'causeway-without-eval',
    enforce: 'pre',
    resolveId: (id) => (id === 'zod' ? resolved : undefined),
    load: (id) =>
      id === resolved ? "import { config, z } from 'zod/v4';\nconfig({ jitless: true });\nexport { z };\n" : undefined,
  };
}
