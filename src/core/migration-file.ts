/** MigrationFile is what the text of a migration says of itself: `0001_first_schema.sql`, its first line `-- causeway: compatible` or `breaking`. */
export type MigrationFile = {
  readonly number: number;
  readonly name: string;
  /** An older program cannot work with the schema that a breaking one leaves. */
  readonly breaking: boolean;
  /** The comment below the first line, on one line; empty where there is none. */
  readonly summary: string;
};

/** readMigrationFile reads name and text. Throws on a wrong name, a number that is not `expected` (there are no gaps) and a missing mark. */
export function readMigrationFile(name: string, sql: string, expected: number): MigrationFile {
  const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
  if (number !== expected)
    throw new Error(`migration ${name}: expected ${String(expected).padStart(4, '0')}_lower_case_words.sql`);
  const [first = '', ...rest] = sql.split('\n');
  const mark = /^-- causeway: (compatible|breaking)$/.exec(first)?.[1];
  if (mark === undefined)
    throw new Error(`migration ${name}: its first line has to be "-- causeway: compatible" or "-- causeway: breaking"`);
  const end = rest.findIndex((line) => !line.startsWith('-- '));
  const comment = end === -1 ? rest : rest.slice(0, end);
  return { number, name, breaking: mark === 'breaking', summary: comment.map((line) => line.slice(3).trim()).join(' ') };
}

/** migrationNumber is the number that a migration's name begins with; undefined for what is no migration of ours. */
export function migrationNumber(name: string): number | undefined {
  const digits = /^(\d{4})_/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
