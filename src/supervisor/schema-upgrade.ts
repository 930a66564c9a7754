import { backUpFirst, cannotStart, schemaMessage } from '../contract/controller-start.ts';
import type { BackedUp, BackUpFirst, CannotStart, ControllerStart, SchemaMessage } from '../contract/controller-start.ts';
import type { RunHistory } from '../contract/run-history.ts';
import { lastRun, programText, wayBack, withBackup, withRun } from '../contract/run-history.ts';
import { readHistory, writeHistory } from './history.ts';
import type { Log } from './log.ts';
import { restoreCommand } from './restore-command.ts';
import type { Channel } from './supervised-process.ts';
import { describeFailure, StartFailure } from './start-failure.ts';

/** Makes a backup of the installation as it is and gives its file. Rejects with why there is none; leaves no half of one then. */
export type BackUp = (what: { readonly schema: string }) => Promise<string>;

/** ThisProgram is what runs now; no commit where it is no checkout. */
export type ThisProgram = { readonly version: string; readonly commit: string | null };

/**
 * SchemaUpgrade is the supervisor's half of a new version's first start: it makes the backup that the controller waits for before it migrates,
 * keeps the record of what ran here (contract/run-history.ts), and says the way back when the database is of a newer version.
 */
export class SchemaUpgrade {
  readonly #data: string;
  readonly #program: ThisProgram;
  readonly #backUp: BackUp | undefined;
  readonly #log: Log;
  readonly #clock: () => Date;
  #history: RunHistory;
  /** What was backed up in this start and not migrated yet: a controller that ends in between needs no second one. */
  #made: { readonly schema: string; readonly file: string } | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: SchemaUpgradeOptions, history: RunHistory) {
    this.#data = options.data;
    this.#program = options.program;
    this.#backUp = options.backUp;
    this.#log = options.log;
    this.#clock = options.clock ?? (() => new Date());
    this.#history = history;
  }

  static async open(options: SchemaUpgradeOptions): Promise<SchemaUpgrade> {
    return new SchemaUpgrade(options, await readHistory(options.data, options.log));
  }

  /** What the controller is told at each of its starts. */
  get start(): NonNullable<ControllerStart['upgrade']> {
    return { backUpFirst: this.#backUp !== undefined, previousVersion: lastRun(this.#history)?.version ?? null };
  }

  /** Takes what the controller said; gives why it can never start, where it said so. What is none of these messages is left alone. */
  async receive(message: unknown, channel: Channel): Promise<StartFailure | undefined> {
    const asked = backUpFirst.safeParse(message);
    if (asked.success) await channel.send(await this.#makeBackup(asked.data));
    const done = schemaMessage.safeParse(message);
    if (done.success) this.#record(done.data);
    const refused = cannotStart.safeParse(message);
    return refused.success ? this.#failure(refused.data) : undefined;
  }

  /** Keeps a backup that was made before the database was moved to another server, which comes before any schema is known. */
  async keepBackup(file: string): Promise<void> {
    const schema = lastRun(this.#history)?.schema ?? '';
    this.#history = withBackup(this.#history, { file, schema }, this.#clock());
    await writeHistory(this.#data, this.#history);
  }

  /** Resolves when the record is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #makeBackup({ pending, schema }: BackUpFirst): Promise<BackedUp> {
    if (this.#backUp === undefined) return { kind: 'not-backed-up', why: 'none was wanted' };
    if (this.#made?.schema === schema) return { kind: 'backed-up', file: this.#made.file };
    try {
      const file = await this.#backUp({ schema });
      if (file === '') throw new Error('the backup has no name: the database had nothing to keep');
      this.#history = withBackup(this.#history, { file, schema }, this.#clock());
      // Before anything is changed: this is what an older program finds the way back by.
      await writeHistory(this.#data, this.#history);
      this.#made = { schema, file };
      this.#log.info('made a backup before the database is brought to the new schema', { file, migrations: pending.join(' ') });
      return { kind: 'backed-up', file };
    } catch (cause) {
      const { sentence } = describeFailure(cause, this.#data);
      this.#log.warn('no backup could be made, so the database is left as it is', { because: sentence });
      return { kind: 'not-backed-up', why: sentence };
    }
  }

  #record({ schema, applied, server }: SchemaMessage): void {
    const { version, commit } = this.#program;
    this.#made = undefined;
    if (applied.length > 0) this.#log.info('the database has the schema of this version', { schema, migrations: applied.length });
    this.#history = withRun(this.#history, { version, commit, schema, server }, this.#clock());
    const history = this.#history;
    // Best effort: without it the installation works, and the next start writes it.
    this.#writing = writeHistory(this.#data, history).catch((cause: unknown) => {
      this.#log.warn('the record of what ran here could not be written', {
        because: cause instanceof Error ? cause.message : String(cause),
      });
    });
  }

  #failure(refused: CannotStart): StartFailure {
    switch (refused.code) {
      case 'newer-schema':
        return new StartFailure({ exitCode: 1, sentence: this.#wayBackText(refused.sentence, refused.schema) });
      case 'other':
        return new StartFailure(describeFailure(new Error(refused.sentence), this.#data));
    }
  }

  #wayBackText(sentence: string, schema: string): string {
    const newer = lastRun(this.#history);
    const start =
      newer === undefined || programText(newer) === programText(this.#program)
        ? 'start the newer version'
        : `start the newer version, ${programText(newer)}`;
    const backup = wayBack(this.#history, schema);
    const back =
      backup === undefined
        ? `no backup of before the upgrade is recorded in ${this.#data}/history.json: restore one that you have made (${restoreCommand('FILE', this.#data)})`
        : `go back to ${backup.madeAt}, before the upgrade, with "${restoreCommand(backup.file, this.#data)}"; what was changed since then is lost`;
    return `${sentence}: ${start}; or ${back}.`;
  }
}

type SchemaUpgradeOptions = {
  readonly data: string;
  readonly program: ThisProgram;
  /** Undefined: the operator wants none. */
  readonly backUp: BackUp | undefined;
  readonly log: Log;
  readonly clock?: () => Date;
};
