import type { Plugin } from 'vite';

const written = /\/zod\/v4\/core\/to-json-schema\.js$/;

/** What zod imports from the module that is left out; a name that is missing here fails the build. */
const names = [
  'initializeContext',
  'handleUnrepresentable',
  'processSchema',
  'extractDefs',
  'finalize',
  'createToJSONSchemaMethod',
  'createStandardJSONSchemaMethod',
] as const;

/** The makers of methods run with every schema; what they make is refused when it is called. */
const replacement = [
  "const refuse = () => { throw new Error('the portal is built without JSON Schema'); };",
  'const maker = () => refuse;',
  `export { ${names.map((name) => `${name.startsWith('create') ? 'maker' : 'refuse'} as ${name}`).join(', ')}, refuse as process };`,
  '',
].join('\n');

/**
 * withoutJsonSchemaPlugin leaves out of the bundle how zod turns a schema into JSON Schema: every schema refers to it, so that no bundler drops
 * it, and the portal has no use for it. It is a part of what everybody loads before signing in (portal.md 11).
 */
export function withoutJsonSchemaPlugin(): Plugin {
  return {
    name: 'causeway-without-json-schema',
    enforce: 'pre',
    load: (id) => (written.test(id) ? replacement : undefined),
  };
}
