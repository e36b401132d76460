import { ChangedMeanwhile, NotTaken, type Plan, planChanges, type PlannedChange } from '@halyard/manage/code';
import type { Settings } from '../../operate/settings/table.ts';
import type { Io } from '../io.ts';
import { checkToken, newToken, ownToken } from '../own-token.ts';
import { exitCodes, UserError } from '../problem-line.ts';
import { jsonLine } from '../table-text.ts';
import { codeAt, refusingFiles } from './code-input.ts';
import { withStore } from './with-store.ts';

export interface ApplyOptions {
  /** Public token of the project; made when there is none yet. */
  readonly token?: string;
  /** Name of a project that is made. */
  readonly name?: string;
  /** Only say what would change. */
  readonly plan?: boolean;
  /** Delete flags that stand in no file. */
  readonly prune?: boolean;
  readonly json?: boolean;
}

/**
 * `halyard apply FILE|DIR`: makes a project what files say, all or nothing, and says what changes.
 *
 * @returns the exit code: 2 when something would change and only the plan was asked for
 * @throws {UserError} when nothing was written
 */
export async function apply(settings: Settings, path: string, options: ApplyOptions, io: Io): Promise<number> {
  const read = await codeAt(path);
  const { plan: onlyPlan = false, prune = false, name } = options;
  if (prune && read.code.flags.size === 0) {
    throw new UserError(`${path} holds no flag, so --prune would delete all. Delete them one by one instead.`);
  }
  return withStore(settings, onlyPlan ? null : 'flags', async (store, database) => {
    const token = options.token ?? (await ownToken(database)) ?? newToken();
    const stored = await store.read(token);
    if (stored === null) await checkToken(database, token);
    const plan = refusingFiles(() => planChanges(read, stored, { prune, now: Date.now() }));
    if (!onlyPlan && plan.changes.length > 0) {
      await writing(() => store.write(plan, { token, ...(name === undefined ? {} : { name }) }));
    }
    const report = { done: !onlyPlan, token, made: stored === null && !onlyPlan && plan.changes.length > 0 };
    io.print(options.json === true ? planJson(plan, report) : planText(plan, report));
    return onlyPlan && plan.changes.length > 0 ? exitCodes.wouldChange : exitCodes.done;
  });
}

async function writing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ChangedMeanwhile) {
      throw new UserError(`Nothing was written: ${error.message}. Look at it, and apply again.`);
    }
    if (error instanceof NotTaken) throw new UserError(`Nothing was written: ${error.message}.`);
    throw error;
  }
}

interface Outcome {
  readonly done: boolean;
  readonly token: string;
  readonly made: boolean;
}

function planJson({ changes, unchanged, kept }: Plan, { done, token }: Outcome): string {
  return jsonLine({ applied: done, token, changes, unchanged, kept });
}

const MARKS: Readonly<Record<PlannedChange['change'], string>> = { create: '+', update: '~', delete: '-' };

function planText({ changes, unchanged, kept }: Plan, { done, token, made }: Outcome): string {
  const count = (change: PlannedChange['change']): number => changes.filter((each) => each.change === change).length;
  const verbs = done ? ['created', 'changed', 'deleted'] : ['to create', 'to change', 'to delete'];
  const counts = [count('create'), count('update'), count('delete')].map(
    (number, at) => `${number} ${verbs[at] ?? ''}`,
  );
  const lines = changes.flatMap(({ what, name, change, sentences, warnings }) => [
    `${MARKS[change]} ${what === 'cohort' ? 'cohort ' : ''}${shown(name)}`,
    ...sentences.map((sentence) => `    ${sentence}`),
    ...warnings.map(({ path, message }) => `    warning: ${path}: ${message}`),
  ]);
  lines.push(`${counts.join(', ')}, ${unchanged} flags as they are.`);
  if (kept.length > 0) {
    const some = kept.slice(0, 5).map(shown).join(', ');
    lines.push(
      `In no file, and left alone: ${some}${kept.length > 5 ? ` and ${kept.length - 5} more` : ''}. --prune deletes them.`,
    );
  }
  if (made) lines.push(`A new project was made for them with the token ${token}`);
  return `${lines.join('\n')}\n`;
}

/** A key may be anything. */
function shown(key: string): string {
  return /^[\w.:@/+ ()-]{1,80}$/.test(key) ? key : JSON.stringify(key.slice(0, 80));
}
