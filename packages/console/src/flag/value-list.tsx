import { type JsonValue, textOf } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { suggestQuery, type SuggestWish } from '../api/queries.ts';
import { Combo } from '../design/combo.tsx';
import { Button, TextField } from '../design/controls.tsx';

interface ValueListProps {
  readonly values: readonly JsonValue[];
  readonly onChange: (values: readonly JsonValue[]) => void;
  /** What is offered while somebody types; null: nothing. */
  readonly wish: SuggestWish | null;
  readonly isInvalid: boolean;
}

/** Beyond so many a list is shown as text, a line each. */
const MOST_CHIPS = 40;

/** Values as chips; what is pasted over many lines is as many values (K33). */
export function ValueList({ values, onChange, wish, isInvalid }: ValueListProps) {
  const { project = '' } = useParams({ strict: false });
  const [text, setText] = useState('');
  const [isActive, setActive] = useState(false);
  const [lines, setLines] = useState<string | null>(null);
  const { data: offered } = useQuery({
    ...suggestQuery(project, wish ?? { kind: 'value' }, text),
    enabled: isActive && wish !== null,
  });
  const add = (added: string): void => {
    setText('');
    const fresh = read(added).filter((one) => !values.includes(one));
    if (fresh.length > 0) onChange([...values, ...fresh]);
  };
  if (lines !== null || values.length > MOST_CHIPS) {
    return (
      <div className="grow stack tight">
        <TextField
          label="Values, one on each line"
          lines={8}
          mono
          value={lines ?? values.map(textOf).join('\n')}
          onChange={(next) => {
            setLines(next);
            onChange(read(next));
          }}
        />
        <div className="row tight">
          <span className="quiet small">{values.length === 1 ? '1 value' : `${values.length} values`}</span>
          {values.length <= MOST_CHIPS && (
            <Button look="plain" onPress={() => setLines(null)}>
              Done
            </Button>
          )}
        </div>
      </div>
    );
  }
  const options = (offered ?? [])
    .map(({ value, name }) => ({ id: textOf(value), text: textOf(value), note: name ?? undefined }))
    .filter(({ id }) => !values.some((value) => textOf(value) === id));
  return (
    <div className="chips grow">
      {values.map((value, at) => (
        <span key={`${at} ${textOf(value)}`} className="tag mono">
          {textOf(value)}
          <button
            type="button"
            aria-label={`Remove ${textOf(value)}`}
            onClick={() => onChange(values.filter((_, i) => i !== at))}
          >
            ×
          </button>
        </span>
      ))}
      <Combo
        label="Add a value"
        text={text}
        onType={setText}
        options={options}
        onPick={add}
        placeholder="value, then Enter"
        isInvalid={isInvalid}
        onFocus={() => setActive(true)}
        onBlur={() => add(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && text !== '') add(text);
          else if (event.key === 'Backspace' && text === '' && values.length > 0) onChange(values.slice(0, -1));
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          if (!pasted.includes('\n')) return;
          event.preventDefault();
          add(pasted);
        }}
      />
      <Button look="plain" onPress={() => setLines(values.map(textOf).join('\n'))}>
        As text
      </Button>
    </div>
  );
}

/** The values of a text: one a line, or with commas between them where it is one line. */
function read(text: string): readonly string[] {
  const parts = text.includes('\n') ? text.split('\n') : text.split(',');
  return [...new Set(parts.map((one) => one.trim()).filter((one) => one !== ''))];
}
