import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { flagKeysQuery, namesQuery } from '../api/queries.ts';
import { Button, type Choice, Chooser, TextField } from '../design/controls.tsx';
import { choicesQuery } from './list-queries.ts';
import type { FlagListWish } from './list-wish.ts';

interface FiltersProps {
  readonly project: string;
  readonly wish: FlagListWish;
  readonly onChange: (changes: FlagListWish) => void;
}

const states: readonly Choice[] = [
  { id: '', text: 'On and off' },
  { id: 'on', text: 'On' },
  { id: 'off', text: 'Off' },
  { id: 'stale', text: 'Stale' },
  { id: 'archived', text: 'Archived' },
];

const types: readonly Choice[] = [
  { id: '', text: 'Any type' },
  { id: 'boolean', text: 'On or off' },
  { id: 'multivariant', text: 'With variants' },
  { id: 'experiment', text: 'Experiment' },
  { id: 'remote_config', text: 'Remote configuration' },
];

const runtimes: readonly Choice[] = [
  { id: '', text: 'Any runtime' },
  { id: 'client', text: 'Client only' },
  { id: 'server', text: 'Server only' },
];

const further = ['runtime', 'creator', 'depends', 'cohort'] as const;

/** What the list leaves out (K42): one field to search, and a chip for each filter that is set. */
export function Filters({ project, wish, onChange }: FiltersProps) {
  const [areMoreOpen, setMoreOpen] = useState(() => further.some((name) => wish[name] !== undefined));
  const { data: tags } = useQuery(choicesQuery(project, 'tag', ''));
  const chosen = (name: keyof FlagListWish) => (id: string) => onChange({ [name]: id === '' ? undefined : id });
  return (
    <div className="stack tight">
      <div className="row wrap filters">
        <SearchField
          value={wish.search ?? ''}
          onChange={(search) => onChange({ search: search === '' ? undefined : search })}
        />
        <Chooser label="State" hideLabel value={wish.state ?? ''} choices={states} onChange={chosen('state')} />
        <Chooser label="Type" hideLabel value={wish.type ?? ''} choices={types} onChange={chosen('type')} />
        <Chooser
          label="Tag"
          hideLabel
          value={wish.tag ?? ''}
          choices={[{ id: '', text: 'Any tag' }, ...(tags ?? []).map(({ value }) => ({ id: value, text: value }))]}
          onChange={chosen('tag')}
        />
        <Button look="plain" aria-expanded={areMoreOpen} onPress={() => setMoreOpen(!areMoreOpen)}>
          {areMoreOpen ? 'Fewer filters' : 'More filters'}
        </Button>
      </div>
      {areMoreOpen && <FurtherFilters project={project} wish={wish} onChange={onChange} />}
      <Chips project={project} wish={wish} onChange={onChange} />
    </div>
  );
}

function FurtherFilters({ project, wish, onChange }: FiltersProps) {
  const { data: creators } = useQuery(choicesQuery(project, 'creator', ''));
  const { data: known } = useQuery(namesQuery(project));
  const chosen = (name: keyof FlagListWish) => (id: string) => onChange({ [name]: id === '' ? undefined : id });
  const choose = useCallback((depends: string) => onChange({ depends }), [onChange]);
  return (
    <div className="row wrap filters" role="group" aria-label="More filters">
      <Chooser label="Runtime" hideLabel value={wish.runtime ?? ''} choices={runtimes} onChange={chosen('runtime')} />
      <Chooser
        label="Created by"
        hideLabel
        value={wish.creator ?? ''}
        choices={[
          { id: '', text: 'Any author' },
          ...(creators ?? []).map(({ id, value }) => ({ id: String(id), text: `Created by ${value}` })),
        ]}
        onChange={chosen('creator')}
      />
      <Chooser
        label="Uses cohort"
        hideLabel
        value={wish.cohort ?? ''}
        choices={[
          { id: '', text: 'Any cohort' },
          ...(known?.cohorts ?? []).map(({ id, name }) => ({
            id: String(id),
            text: `Uses ${name === '' ? `cohort ${id}` : name}`,
          })),
        ]}
        onChange={chosen('cohort')}
      />
      <DependsField key={wish.depends} project={project} onChosen={choose} />
    </div>
  );
}

/** A flag by its key, for those that ask about it. */
function DependsField({ project, onChosen }: { readonly project: string; readonly onChosen: (id: string) => void }) {
  const [typed, setTyped] = useState('');
  const { data: found } = useQuery({ ...choicesQuery(project, 'flag', typed), enabled: typed !== '' });
  const id = typed === '' ? undefined : found?.find(({ value }) => value === typed)?.id;
  // A whole key is a choice, typed or picked.
  useEffect(() => {
    if (id !== undefined) onChosen(String(id));
  }, [id, onChosen]);
  return (
    <TextField
      label="Depends on flag"
      hideLabel
      placeholder="Depends on flag …"
      value={typed}
      onChange={setTyped}
      suggestions={(found ?? []).map(({ value }) => value)}
      mono
    />
  );
}

/** What is set, each to be taken away. */
function Chips({ project, wish, onChange }: FiltersProps) {
  const { data: creators } = useQuery({
    ...choicesQuery(project, 'creator', ''),
    enabled: wish.creator !== undefined,
  });
  const { data: known } = useQuery({ ...namesQuery(project), enabled: wish.cohort !== undefined });
  const target = /^\d{1,9}$/.test(wish.depends ?? '') ? [Number(wish.depends)] : [];
  const { data: keys } = useQuery(flagKeysQuery(project, target));
  const named = (choices: readonly Choice[], id: string) => choices.find((choice) => choice.id === id)?.text ?? id;
  const words: Readonly<Partial<Record<keyof FlagListWish, (value: string) => string>>> = {
    search: (value) => `“${value}”`,
    state: (value) => named(states, value),
    type: (value) => named(types, value),
    tag: (value) => `tag ${value}`,
    runtime: (value) => named(runtimes, value),
    creator: (value) => `created by ${creators?.find(({ id }) => String(id) === value)?.value ?? `user ${value}`}`,
    depends: (value) => `depends on ${keys?.get(value) ?? `flag ${value}`}`,
    cohort: (value) => `uses ${known?.cohorts.find(({ id }) => String(id) === value)?.name ?? `cohort ${value}`}`,
  };
  const set = Object.entries(words).flatMap(([name, say]) => {
    const value = wish[name as keyof FlagListWish];
    return typeof value === 'string' ? [{ name, text: say(value) }] : [];
  });
  if (set.length === 0) return null;
  return (
    <ul className="row wrap tight plain-list" aria-label="Active filters">
      {set.map(({ name, text }) => (
        <li key={name}>
          <button type="button" className="tag" onClick={() => onChange({ [name]: undefined })}>
            {text}
            <span aria-hidden="true" className="cross">
              ×
            </span>
            <span className="visually-hidden">: remove this filter</span>
          </button>
        </li>
      ))}
      {set.length > 1 && (
        <li>
          <button
            type="button"
            className="link small"
            onClick={() => onChange(Object.fromEntries(set.map(({ name }) => [name, undefined])))}
          >
            Clear filters
          </button>
        </li>
      )}
    </ul>
  );
}

/** Typing is answered at once; the list follows when the hand rests. */
function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, 200);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <div className="search">
      <TextField
        label="Search"
        hideLabel
        type="search"
        placeholder="Key, description or tag:name"
        value={text}
        onChange={setText}
      />
    </div>
  );
}
