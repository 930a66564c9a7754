/** Part is a directory of src/ whose imports are ruled; a directory that is not in the matrix fails the test. */
export type Part =
  | 'core'
  | 'contract'
  | 'postgres'
  | 'controller'
  | 'gateway'
  | 'connector'
  | 'portal'
  | 'portal-build'
  | 'cli'
  | 'supervisor'
  | 'backup'
  | 'lab'
  | 'launcher';

const pure = 'core is pure: it knows nothing but itself, so that it can be tested and reasoned about alone (design.md 2)';
const wire = 'contract only describes what crosses a process boundary, in terms of core (design.md 2)';
const otherProcess = 'another process: talk to it over src/contract (design.md 2)';
const starts = 'started as a process and driven over its interfaces, so that what is proven is what runs (design.md 2)';
const noLibrary = 'a program, not a library: start it';
const builds = 'knows how the portal is built, and nothing of what is in it';
const alone = 'runs before any package or other part is there';

const forNobody = {
  launcher: noLibrary,
  supervisor: noLibrary,
  backup: noLibrary,
  cli: noLibrary,
  lab: noLibrary,
  'portal-build': noLibrary,
  connector: 'POSIX sh, nothing to import',
} as const;
const forPure = { ...forNobody, postgres: pure, controller: pure, gateway: pure, portal: pure } as const;
const forProcess = { ...forNobody, controller: otherProcess, gateway: otherProcess, portal: otherProcess } as const;

/**
 * forbidden says for each part what it may not import, and why. What is absent is allowed, and a part may import itself. (Test files, and
 * only they, may import what other parts keep for tests.)
 */
export const forbidden: Readonly<Record<Part, Partial<Readonly<Record<Part, string>>>>> = {
  core: { ...forPure, contract: pure },
  contract: { ...forPure, postgres: wire, controller: wire, gateway: wire, portal: wire },
  postgres: { ...forProcess, contract: 'starts a PostgreSQL server and knows nothing of what is kept in it' },
  controller: forProcess,
  gateway: {
    ...forProcess,
    postgres: 'a gateway has no database: what it needs is in its configuration (design.md 3)',
  },
  connector: { ...forProcess, postgres: 'nothing on a connector has a database' },
  portal: { ...forProcess, postgres: 'runs in a browser' },
  // Reads the theme of the portal, which it writes as a stylesheet.
  'portal-build': { ...forNobody, core: builds, contract: builds, postgres: builds, controller: builds, gateway: builds },
  cli: { ...forProcess, postgres: 'a client of the API like any other (design.md 2)' },
  supervisor: forProcess,
  // A command of root's on the controller's machine, which makes and reads what the two others make: the supervisor's data directory, users,
  // lock and view of the checkout, and the controller's migrations. A second description of either would drift from the first.
  backup: {
    cli: noLibrary,
    lab: noLibrary,
    launcher: noLibrary,
    'portal-build': noLibrary,
    connector: 'POSIX sh, nothing to import',
    gateway: otherProcess,
    portal: otherProcess,
  },
  lab: { ...forNobody, controller: starts, gateway: starts, portal: starts },
  launcher: { ...forProcess, core: alone, contract: alone, postgres: alone },
};

/** packages says which npm packages a part may import; null: any that package.json has. Test files may import any. */
export const packages: Readonly<Record<Part, readonly string[] | null>> = {
  core: [],
  contract: ['zod'],
  postgres: ['pg'],
  controller: null,
  // No web framework, no PKI, no database client: the agent must stay small and start at once (stack.md 3).
  gateway: ['zod', 'pino'],
  connector: [],
  portal: [
    '@fontsource-variable/inter',
    '@fontsource/jetbrains-mono',
    '@mantine/core',
    '@simplewebauthn/browser',
    '@tanstack/react-query',
    '@tanstack/react-router',
    'i18next',
    'react',
    'react-dom',
    'react-i18next',
    'uplot',
    'uqr',
    'virtual:theme.css',
    'zod',
  ],
  'portal-build': ['@mantine/core', '@vitejs/plugin-react', 'vite'],
  cli: ['commander', 'zod'],
  supervisor: ['zod', 'pino', 'pg'],
  backup: ['zod', 'pg', 'pg-copy-streams', 'kysely', 'age-encryption'],
  lab: ['zod', 'pg'],
  launcher: [],
};

/** impure are the ways to a clock, randomness, environment or world that need no import; core has none of them. */
const impure: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/, what: 'reads the clock' },
  { pattern: /\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b/, what: 'uses randomness' },
  { pattern: /\bprocess\.(?!\w*["'`])|\bglobalThis\b/, what: 'reaches the process' },
  { pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\(/, what: 'does something later or elsewhere' },
];

export interface Source {
  /** Path below the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** importViolations lists, one sentence each, what in the sources of src/ breaks the matrix. */
export function importViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const part = path.split('/')[1] ?? '';
    if (!isPart(part))
      return [`${path}: src/${part} is not in the import matrix; add it to test/guards/import-matrix.ts with its reasons`];
    const isTest = isTestFile(path);
    const imports = [...new Set(importsOf(text))].flatMap((specifier) => violation(path, part, specifier, isTest) ?? []);
    return part === 'core' && !isTest ? [...imports, ...impurities(path, text)] : imports;
  });
}

function violation(path: string, part: Part, specifier: string, isTest: boolean): string | undefined {
  if (!specifier.startsWith('.')) return isTest ? undefined : outsideViolation(path, part, specifier);
  if (!/\.(?:ts|tsx|json|css|svg)$/.test(specifier))
    return `${path} imports ${specifier} without its extension; write it as the file is called`;
  const target = resolved(path, specifier);
  const [top, other] = target.split('/');
  if (top !== 'src') {
    return isTest || target === 'package.json'
      ? undefined
      : `${path} imports ${target}: src/ does not depend on what tests or measures it`;
  }
  if (!isPart(other ?? '')) return `${path} imports ${target}, which is in no part`;
  if (isTestSupport(target)) return isTest ? undefined : `${path} imports ${target}, which is there for tests only`;
  // A test of core may hold its answer against a real PostgreSQL; everything else is ruled in tests as well.
  if (other === part || (isTest && other === 'postgres')) return undefined;
  const reason = isPart(other ?? '') ? forbidden[part][other as Part] : undefined;
  return reason === undefined ? undefined : `${path} imports ${target}: ${reason}`;
}

function outsideViolation(path: string, part: Part, specifier: string): string | undefined {
  if (specifier.startsWith('node:'))
    return part === 'core' || part === 'contract' || part === 'portal'
      ? `${path} imports ${specifier}: ${part} runs without Node`
      : undefined;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = packages[part];
  if (allowed === null || allowed.includes(name)) return undefined;
  return `${path} imports the package ${name}; ${part} may import ${allowed.length === 0 ? 'none' : `only ${allowed.join(', ')}`}`;
}

function impurities(path: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return impure
    .filter(({ pattern }) => pattern.test(code))
    .map(({ what }) => `${path} ${what}: time, ids and surroundings come into core as arguments`);
}

/** importsOf finds static, dynamic and re-exporting imports; a text in a comment that looks like one is found too, and is rare. */
function importsOf(text: string): string[] {
  const pattern = /(?:^|[;\s])(?:import|export)\s*(?:[\w*{}\s,$]+?\sfrom\s*)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

function resolved(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts') || isTestSupport(path);
}

/** What tests share: `test-NAME.ts`, or anything in a directory `testing`. */
function isTestSupport(path: string): boolean {
  return /\/(?:testing\/.*|test-[^/]*)\.ts$/.test(path);
}

function isPart(name: string): name is Part {
  return Object.hasOwn(forbidden, name);
}
