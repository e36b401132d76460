import { operandProblem, readDate, tryPattern } from '@halyard/engine/review';
import { ExactNumber, type JsonValue, textOf } from '@halyard/json';
import { useState } from 'react';
import type { SuggestWish } from '../api/queries.ts';
import { readJson } from '../api/exact-json.ts';
import { TextField } from '../design/controls.tsx';
import type { Filter } from './flag.ts';
import { operatorOf } from './operators.ts';
import { ValueList } from './value-list.tsx';

interface OperandFieldProps {
  readonly filter: Filter;
  readonly onChange: (value: JsonValue) => void;
  /** IANA name: dates without an offset are of this zone. */
  readonly timezone: string;
  readonly wish: SuggestWish | null;
}

/** What a property is compared with, checked while it is typed (K33). */
export function OperandField({ filter, onChange, timezone, wish }: OperandFieldProps) {
  const { operand } = operatorOf(filter.operator);
  const [now] = useState(() => Date.now());
  const text = wordOf(filter.value);
  switch (operand) {
    case 'none':
      return null;
    case 'list':
      return <ValueList values={listOf(filter.value)} onChange={onChange} wish={wish} isInvalid={false} />;
    case 'pair': {
      const [low = '', high = ''] = listOf(filter.value).map(wordOf);
      return (
        <>
          <TextField
            label="From"
            hideLabel
            placeholder="from"
            value={low}
            onChange={(typed) => onChange([numberOrText(typed), numberOrText(high)])}
            mono
          />
          <span>and</span>
          <TextField
            label="To"
            hideLabel
            placeholder="to"
            value={high}
            onChange={(typed) => onChange([numberOrText(low), numberOrText(typed)])}
            mono
          />
        </>
      );
    }
    case 'number':
      return (
        <TextField
          label="Number"
          hideLabel
          placeholder="number"
          value={text}
          onChange={(typed) => onChange(numberOrText(typed))}
          mono
        />
      );
    case 'date':
      return (
        <TextField
          label="Date"
          hideLabel
          placeholder="2026-12-31 or -30d"
          value={text}
          onChange={onChange}
          {...datePreview(text, now, timezone)}
          mono
        />
      );
    case 'version': {
      const problem = text === '' ? null : operandProblem(filter.operator ?? '', text, { now, timezone });
      return (
        <TextField
          label="Version"
          hideLabel
          placeholder="1.2.3"
          value={text}
          onChange={onChange}
          error={problem === null ? null : 'No version, such as 1.2.3'}
          mono
        />
      );
    }
    case 'pattern':
      return <PatternField pattern={text} isNegated={filter.operator === 'not_regex'} onChange={onChange} />;
    case 'text':
      return <TextField label="Value" hideLabel placeholder="text" value={text} onChange={onChange} mono />;
  }
}

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** The instant that a date means (E117), or that it means none. */
function datePreview(text: string, now: number, timezone: string): { hint?: string; error?: string } {
  if (text === '') return {};
  const at = readDate(text, { now, timezone });
  if (at === null) return { error: 'No date, such as 2026-12-31, 2026-12-31T18:00:00Z or -30d' };
  const isRelative = /^-?\d+[hdwmy]$/.test(text);
  return { hint: `${isRelative ? 'now: ' : ''}${moment.format(at)} UTC` };
}

interface PatternFieldProps {
  readonly pattern: string;
  readonly isNegated: boolean;
  readonly onChange: (pattern: string) => void;
}

function PatternField({ pattern, isNegated, onChange }: PatternFieldProps) {
  const [sample, setSample] = useState('');
  const tried = tryPattern(pattern, sample);
  const isMatch = tried.outcome === 'found' ? !isNegated : isNegated;
  return (
    <>
      <TextField
        label="Pattern"
        hideLabel
        placeholder="pattern"
        value={pattern}
        onChange={onChange}
        error={tried.outcome === 'broken' ? `Character ${tried.position + 1}: ${tried.problem}` : null}
        mono
      />
      {pattern !== '' && tried.outcome !== 'broken' && (
        <TextField
          label="Try a value"
          hideLabel
          placeholder="try a value"
          value={sample}
          onChange={setSample}
          hint={
            sample === ''
              ? 'Tries the pattern; is not saved.'
              : tried.outcome === 'undecided'
                ? 'Takes too long to decide.'
                : isMatch
                  ? '✓ matches'
                  : '✗ does not match'
          }
          mono
        />
      )}
    </>
  );
}

function wordOf(value: JsonValue | undefined): string {
  return value === undefined || value === null ? '' : textOf(value);
}

export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
}

/** A number where the text is one, exactly as it is typed. */
function numberOrText(text: string): JsonValue {
  const trimmed = text.trim();
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(trimmed)) return text;
  const value = readJson(trimmed);
  // Digits at the end are still being typed.
  return value instanceof ExactNumber && /\.\d*0$/.test(trimmed) ? text : value;
}

/** The value that another operator begins with: nothing typed is lost where it still fits. */
export function convertOperand(value: JsonValue | undefined, operand: string): JsonValue {
  if (operand === 'none') return null;
  if (operand === 'list') return [...listOf(value)];
  const [first] = listOf(value);
  if (operand === 'pair') return [first ?? '', ''];
  return first ?? '';
}
