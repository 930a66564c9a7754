/**
 * src/portal/theme is how the portal looks: every colour and size (portal.md 9). Components name them and have none of their own.
 *
 * theme.ts is read when the portal is built (portal-build/theme-plugin.ts), which writes it as CSS variables, and by Mantine in the browser.
 */
import type { CSSVariablesResolver, MantineColorsTuple, MantineThemeOverride } from '@mantine/core';

type Tuple = MantineColorsTuple;

/** From 50 to 900. 600 on white and 400 on the dark ground are the accent. */
const indigo: Tuple = [
  '#eef2ff',
  '#e0e7ff',
  '#c7d2fe',
  '#a5b4fc',
  '#818cf8',
  '#6366f1',
  '#4f46e5',
  '#4338ca',
  '#3730a3',
  '#312e81',
];

const gray: Tuple = [
  '#fafafa',
  '#f4f4f5',
  '#e4e4e7',
  '#d4d4d8',
  '#a1a1aa',
  '#71717a',
  '#52525b',
  '#3f3f46',
  '#27272a',
  '#18181b',
];

/** 0 is text, 2 what is said more quietly, 4 borders, 6 what lies on the ground, 7 the ground. */
const dark: Tuple = [
  '#ececee',
  '#c8c8ce',
  '#a3a3ac',
  '#8a8a94',
  '#3a3a42',
  '#2c2c33',
  '#222227',
  '#18181b',
  '#131316',
  '#0d0d0f',
];

const red: Tuple = ['#fef2f2', '#fee2e2', '#fecaca', '#fca5a5', '#f87171', '#ef4444', '#dc2626', '#b91c1c', '#991b1b', '#7f1d1d'];

/** Of lists, whose rows are not all in the DOM: the place of each is computed. */
export const rowHeight_px = 36;

const sans = "'Inter Variable', system-ui, sans-serif";
const mono = "'JetBrains Mono', ui-monospace, monospace";

export const theme: MantineThemeOverride = {
  colors: { indigo, gray, dark, red },
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 4 },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '18px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '40px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  headings: {
    fontFamily: sans,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
      h4: { fontSize: '14px', lineHeight: '20px' },
      h5: { fontSize: '13px', lineHeight: '20px' },
      h6: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // Locking by Mantine writes a <style> element, which the content security policy refuses: global.css does it.
    Modal: { defaultProps: { lockScroll: false, transitionProps: { duration: 100, transition: 'fade' } } },
    Drawer: { defaultProps: { lockScroll: false, transitionProps: { duration: 100 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 } } },
    Tooltip: { defaultProps: { transitionProps: { duration: 80 }, withArrow: true } },
  },
};

/** stateVariables are colours that Mantine has no name for, and those of its own that have too little contrast for text. */
export const stateVariables: CSSVariablesResolver = () => ({
  variables: {
    '--cw-rail-width': '208px',
    '--cw-rail-narrow': '56px',
    '--cw-bar-height': '52px',
    '--cw-panel-width': '420px',
    '--cw-row-height': `${String(rowHeight_px)}px`,
    '--cw-narrow-page': '400px',
    '--cw-text-page': '720px',
    '--cw-touch': '32px',
    '--cw-card-height': '56px',
    '--cw-chart-height': '180px',
  },
  light: {
    '--cw-ground': '#ffffff',
    '--cw-sunken': gray[0],
    '--cw-raised': '#ffffff',
    '--cw-border': gray[2],
    '--cw-hover': gray[1],
    '--cw-line': gray[4],
    '--cw-chosen': indigo[0],
    '--cw-chosen-text': indigo[7],
    '--cw-up': '#15803d',
    '--cw-degraded': '#b45309',
    '--cw-down': red[7],
    '--cw-unknown': gray[6],
    '--cw-pending': indigo[7],
    '--cw-line-1': indigo[6],
    '--cw-line-2': '#0e7490',
    '--cw-line-3': gray[5],
    '--cw-on-accent': '#ffffff',
    '--cw-shade': '#18181b66',
    '--mantine-color-error': red[7],
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-placeholder': gray[5],
    '--mantine-color-anchor': indigo[7],
    '--mantine-color-disabled-color': gray[5],
  },
  dark: {
    '--cw-ground': dark[7],
    '--cw-sunken': dark[8],
    '--cw-raised': dark[6],
    '--cw-border': dark[4],
    '--cw-hover': dark[5],
    '--cw-line': '#62626d',
    '--cw-chosen': '#2b2a4d',
    '--cw-chosen-text': indigo[2],
    '--cw-up': '#4ade80',
    '--cw-degraded': '#fbbf24',
    '--cw-down': '#fb8a8a',
    '--cw-unknown': '#b4b4bc',
    '--cw-pending': indigo[3],
    '--cw-line-1': indigo[4],
    '--cw-line-2': '#22d3ee',
    '--cw-line-3': dark[2],
    '--cw-on-accent': dark[9],
    '--cw-shade': '#00000099',
    '--mantine-color-error': '#fb8a8a',
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-placeholder': dark[3],
    '--mantine-color-anchor': indigo[3],
    '--mantine-color-disabled-color': dark[3],
  },
});
