import type { Names } from '@halyard/engine/review';
import { useSuspenseQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { projectsQuery } from '../api/queries.ts';
import { Button, TextField } from '../design/controls.tsx';
import { Switch } from '../design/toggles.tsx';
import { ConditionsList } from './conditions-list.tsx';
import { DependencyTree } from './dependency-tree.tsx';
import { EditContext } from './edit-context.ts';
import type { FlagFields } from './flag.ts';
import type { KnownNames } from './names.ts';
import { type Problem, textAt } from './places.ts';
import { ProblemList } from './problem-list.tsx';
import { SettingsCard } from './settings-card.tsx';
import { VariantsCard } from './variants-card.tsx';
import { NoPersons } from './no-persons.tsx';
import './editor.css';

const JsonView = lazy(async () => ({ default: (await import('./json-view.tsx')).JsonView }));

interface EditorProps {
  readonly project: string;
  /** Null: the flag is not made yet. */
  readonly flagId: number | null;
  readonly fields: FlagFields;
  readonly known: KnownNames | undefined;
  readonly names: Names;
  readonly onChange: (fields: FlagFields) => void;
  readonly problems: readonly Problem[];
  /** Nothing is wrong with a form that nobody has filled in yet: its problems wait below. */
  readonly isFresh?: boolean;
}

/** Everything of a flag in one form (K31), or as JSON (K40). */
export function Editor({ project, flagId, fields, known, names, onChange, problems, isFresh = false }: EditorProps) {
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const [asJson, setAsJson] = useState(false);
  const timezone = projects.find(({ id }) => String(id) === project)?.timezone ?? 'UTC';
  const context = useMemo(
    () => ({ project, flagId, known, names, timezone, problems: isFresh ? [] : problems }),
    [project, flagId, known, names, timezone, problems, isFresh],
  );
  return (
    <EditContext value={context}>
      <div className="stack">
        <div className="row spread wrap">
          <Switch
            isSelected={fields.active}
            isDisabled={fields.archived}
            onChange={(active) => onChange({ ...fields, active })}
          >
            {fields.active ? 'On, for whom the conditions let in' : 'Off for everybody'}
          </Switch>
          <Button look="plain" aria-pressed={asJson} onPress={() => setAsJson(!asJson)}>
            {asJson ? 'Edit as a form' : 'Edit as JSON'}
          </Button>
        </div>
        {!isFresh && <ProblemList problems={problems} />}
        {asJson ? (
          <Suspense fallback={<p className="quiet">Opening the editor …</p>}>
            <JsonView fields={fields} onChange={onChange} />
          </Suspense>
        ) : (
          <>
            <NoPersons project={project} />
            <Form fields={fields} onChange={onChange} problems={context.problems} />
          </>
        )}
        <DependencyTree project={project} id={flagId} fields={fields} />
      </div>
    </EditContext>
  );
}

function Form({ fields, onChange, problems }: Pick<EditorProps, 'fields' | 'onChange' | 'problems'>) {
  return (
    <>
      <section className="card stack" aria-label="Flag">
        <div className="row wrap top-aligned">
          <div className="grow" data-place="key">
            <TextField
              label="Key"
              value={fields.key}
              onChange={(key) => onChange({ ...fields, key })}
              error={textAt(problems, 'key')}
              hint="Code asks for the flag by it."
              mono
            />
          </div>
          <div className="grow" data-place="name">
            <TextField
              label="Description"
              value={fields.name}
              onChange={(name) => onChange({ ...fields, name })}
              error={textAt(problems, 'name')}
            />
          </div>
        </div>
      </section>
      {fields.filters.version === 2 ? (
        <p className="notice">
          This flag has ordered rules. They are read here and not changed: PostHog’s API takes no configuration version.
        </p>
      ) : (
        <>
          <VariantsCard fields={fields} onChange={onChange} />
          <ConditionsList fields={fields} onChange={onChange} />
        </>
      )}
      <SettingsCard fields={fields} onChange={onChange} />
    </>
  );
}
