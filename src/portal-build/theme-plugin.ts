import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import type { Plugin } from 'vite';
import { stateVariables, theme } from '../portal/theme/theme.ts';

/** `import 'virtual:theme.css'` is how the portal gets its colours and sizes. */
const name = 'virtual:theme.css';
const resolved = '\0theme.css';
const resolvedComponent = '\0no-css-variables';

/**
 * themePlugin writes the theme (src/portal/theme/theme.ts) as a stylesheet. Mantine's own way is a `<style>` element that is made in the
 * browser, which a content security policy without 'unsafe-inline' refuses.
 */
export function themePlugin(): Plugin {
  return {
    name: 'causeway-theme',
    // What it would write is in the stylesheet; without it and what it needs the first load is 2 kB smaller.
    resolveId: (id) => (id === name ? resolved : id.endsWith('/MantineCssVariables.mjs') ? resolvedComponent : undefined),
    load: (id) => {
      if (id === resolvedComponent) return 'export const MantineCssVariables = () => null;';
      return id === resolved ? themeStylesheet() : undefined;
    },
  };
}

function themeStylesheet(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const used = new Set(Object.keys(theme.colors ?? {}));
  const unused = Object.keys(merged.colors).filter((color) => !used.has(color));
  const ofMantine = defaultCssVariablesResolver(merged);
  const own = stateVariables(merged);
  const together = (part: 'variables' | 'light' | 'dark'): CssVariables => ({
    ...without(unused, ofMantine[part]),
    ...own[part],
  });
  return convertCssVariables({ variables: together('variables'), light: together('light'), dark: together('dark') }, ':root');
}

type CssVariables = Readonly<Record<string, string>>;

/** Mantine brings fourteen colours in twenty variables each; those that the theme does not name would be a tenth of all that is loaded first. */
function without(colors: readonly string[], variables: CssVariables): CssVariables {
  const prefixes = colors.map((color) => `--mantine-color-${color}-`);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))));
}
