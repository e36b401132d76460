import type { DefinitionSource, Project, ProjectDefinitions, StoreSide } from '../ports.ts';
import { loadProject, projectRevision } from './load-project.ts';
import type { Store } from './store.ts';
import type { Conversation } from './wish.ts';

/** What somebody wants to know about a project, from one side of the store. */
export type ReadWish =
  | { readonly read: 'revision'; readonly side: StoreSide }
  /** `revision`: the one that is known to be the newest, so that a copy that has it needs no confirmation. */
  | { readonly read: 'project'; readonly side: StoreSide; readonly revision?: string };

export type ReadAnswer = string | ProjectDefinitions | null;

/** Reads from wherever definitions come from, one thing after the other; a failure is thrown where it was wished. */
export type Reading<Result> = Generator<ReadWish, Result, ReadAnswer>;

export function* revisionAt(side: StoreSide): Reading<string | null> {
  return (yield { read: 'revision', side }) as string | null;
}

export function* projectAt(side: StoreSide, revision?: string): Reading<ProjectDefinitions | null> {
  const wish = { read: 'project', side, ...(revision === undefined ? {} : { revision }) } as const;
  return (yield wish) as ProjectDefinitions | null;
}

/** Whose project is read. The team id matters to revisions only. */
export type ReadProject = Pick<Project, 'token' | 'teamId'>;

/** A reading as a conversation with a store; `isolated`: inside a transaction of the host's. */
export function* readStore<Result>(
  store: Store,
  { token, teamId }: ReadProject,
  reading: Reading<Result>,
  isolated = false,
): Conversation<Result> {
  let step = reading.next();
  while (step.done !== true) {
    const { read, side } = step.value;
    let answer: ReadAnswer;
    try {
      answer = yield* read === 'revision'
        ? projectRevision(store, { token, teamId }, { side, isolated })
        : loadProject(store, token, { side, isolated });
    } catch (error) {
      step = reading.throw(error);
      continue;
    }
    step = reading.next(answer);
  }
  return step.value;
}

/** The same over a port. */
export async function readSource<Result>(
  source: DefinitionSource,
  project: Project | { readonly token: string },
  reading: Reading<Result>,
): Promise<Result> {
  let step = reading.next();
  while (step.done !== true) {
    const wish = step.value;
    let answer: ReadAnswer;
    try {
      // Whoever has never read the project has no revision to compare.
      answer = await (wish.read === 'revision'
        ? source.revision(project as Project, wish.side)
        : source.load(project.token, optionsOf(wish)));
    } catch (error) {
      step = reading.throw(error);
      continue;
    }
    step = reading.next(answer);
  }
  return step.value;
}

function optionsOf({ side, revision }: Extract<ReadWish, { read: 'project' }>) {
  return revision === undefined ? { side } : { side, revision };
}
