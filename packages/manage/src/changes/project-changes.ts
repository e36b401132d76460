import { projectStateStatement, type Work } from '@halyard/data/management';
import { ask } from '../command.ts';

/** Something of a project that was made, changed or removed. */
export interface ProjectChange {
  readonly kind: 'flag' | 'cohort' | 'early_access_feature';
  readonly id: string;
  /** A flag's. */
  readonly key: string | null;
  /** After the change; `null`: it has none. */
  readonly version: number | null;
  /** Its row is not there any more. */
  readonly removed: boolean;
}

/** What a project's definitions are at. */
export type ProjectState = ReadonlyMap<string, ProjectChange & { readonly state: string }>;

export function* readProjectState(teamId: number): Work<ProjectState> {
  const rows = yield* ask(projectStateStatement(teamId));
  return new Map(
    rows.map((row) => {
      const kind = row['kind'] as ProjectChange['kind'];
      const version = row['version'] ?? null;
      const change = { kind, id: row['id'] ?? '', key: row['key'] ?? null, removed: false, state: row['state'] ?? '' };
      return [`${kind} ${row['id']}`, { ...change, version: version === null ? null : Number(version) }];
    }),
  );
}

/** What differs between two states. */
export function changesBetween(before: ProjectState, after: ProjectState): readonly ProjectChange[] {
  const changed = [...after].filter(([name, { state }]) => before.get(name)?.state !== state).map(([, row]) => row);
  const gone = [...before].filter(([name]) => !after.has(name)).map(([, row]) => ({ ...row, removed: true }));
  return [...changed, ...gone].map(({ kind, id, key, version, removed }) => ({ kind, id, key, version, removed }));
}
