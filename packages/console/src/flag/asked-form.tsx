import { useEffect, useState } from 'react';
import { readJson, writeJson } from '../api/exact-json.ts';
import type { Asked } from '../api/queries.ts';
import { TextField } from '../design/controls.tsx';
import type { AskedSearch } from './use-asked.ts';

interface AskedFormProps {
  readonly initial: AskedSearch;
  /** Told when the hand rests; null while what is typed cannot be asked. */
  readonly onAsked: (asked: Asked | null) => void;
}

/** For whom to explain: an id, and what a request would bring (K21). */
export function AskedForm({ initial, onAsked }: AskedFormProps) {
  const [distinctId, setDistinctId] = useState(initial.user ?? '');
  const [person, setPerson] = useState(initial.person === undefined ? '' : writeJson(initial.person));
  const [groups, setGroups] = useState(initial.groups === undefined ? '' : writeJson(initial.groups));
  const [read, problem] = readAll(person, groups);
  useEffect(() => {
    const timer = setTimeout(
      () => onAsked(read === null || distinctId.trim() === '' ? null : { distinctId, ...read }),
      250,
    );
    return () => clearTimeout(timer);
    // What was read follows from the two texts.
    // oxlint-disable-next-line react/exhaustive-deps -- `read` is made anew for each drawing
  }, [distinctId, person, groups, onAsked]);
  return (
    <div className="card stack tight">
      <div className="row wrap top-aligned">
        <div className="grow">
          <TextField label="Distinct id" value={distinctId} onChange={setDistinctId} mono autoFocus />
        </div>
        <div className="grow">
          <TextField
            label="Properties of the person (JSON, optional)"
            placeholder='{"plan": "pro"}'
            value={person}
            onChange={setPerson}
            error={problem.person}
            hint="Laid over what is stored, as a request may."
            mono
          />
        </div>
        <div className="grow">
          <TextField
            label="Groups (JSON, optional)"
            placeholder='{"organization": "acme"}'
            value={groups}
            onChange={setGroups}
            error={problem.groups}
            mono
          />
        </div>
      </div>
    </div>
  );
}

type Members = Readonly<Record<string, unknown>>;

function readAll(
  person: string,
  groups: string,
): [Omit<Asked, 'distinctId'> | null, { person: string | null; groups: string | null }] {
  const [people, companies] = [readMembers(person), readMembers(groups)];
  const problem = {
    person: people === null ? 'An object in JSON, such as {"plan": "pro"}' : null,
    groups: companies === null ? 'An object in JSON' : null,
  };
  return [people === null || companies === null ? null : { personProperties: people, groups: companies }, problem];
}

function readMembers(text: string): Members | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = readJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null;
  } catch {
    return null;
  }
}
