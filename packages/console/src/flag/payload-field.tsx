import { lazy, Suspense, useState } from 'react';
import { jsonProblem, readJson, writeJson } from '../api/exact-json.ts';
import { Button } from '../design/controls.tsx';
import { payloadOf, withPayload } from './edit.ts';
import { useEdit } from './edit-context.ts';
import type { FlagFields } from './flag.ts';
import { textAt } from './places.ts';

const JsonEditor = lazy(async () => ({ default: (await import('../design/json-editor.tsx')).JsonEditor }));

interface PayloadFieldProps {
  readonly fields: FlagFields;
  /** Of a variant its key, else `true`. */
  readonly name: string;
  readonly label: string;
  readonly onChange: (fields: FlagFields) => void;
}

const size = new Intl.NumberFormat('en');

/** JSON beside a value, which is checked while it is typed (K36). The editor is loaded when it is opened. */
export function PayloadField({ fields, name, label, onChange }: PayloadFieldProps) {
  const { problems } = useEdit();
  const [isOpen, setOpen] = useState(false);
  const text = payloadOf(fields, name);
  if (fields.has_encrypted_payloads === true) return <p className="quiet">The payload is encrypted, and not shown.</p>;
  const place = `payloads.${name}`;
  const problem = jsonProblem(text);
  const refused = problem === null ? textAt(problems, place) : null;
  if (!isOpen) {
    return (
      <div className="row tight wrap" data-place={place}>
        {text === '' ? (
          <Button look="plain" onPress={() => setOpen(true)} aria-label={`Add: ${label}`}>
            + Payload
          </Button>
        ) : (
          <>
            <code className="payload">{text}</code>
            <Button look="plain" onPress={() => setOpen(true)} aria-label={`Edit: ${label}`}>
              Edit
            </Button>
          </>
        )}
        {problem !== null && <span className="error">No JSON: {problem.message}</span>}
        {refused !== null && <span className="error">{refused}</span>}
      </div>
    );
  }
  const set = (next: string): void => onChange(withPayload(fields, name, next));
  return (
    <div className="stack tight" data-place={place}>
      <div className="row spread">
        <span className="label">{label}</span>
        <div className="row tight">
          <Button
            look="plain"
            isDisabled={problem !== null || text === ''}
            onPress={() => set(writeJson(readJson(text), 2))}
          >
            Format
          </Button>
          <Button look="plain" isDisabled={text === ''} onPress={() => set('')}>
            Remove
          </Button>
        </div>
      </div>
      <Suspense fallback={<p className="quiet">Opening the editor …</p>}>
        <JsonEditor label={label} value={text} onChange={set} />
      </Suspense>
      <p className={problem === null ? 'hint' : 'error'} role="status">
        {problem === null
          ? `${size.format(new TextEncoder().encode(text).length)} bytes. JSON: text stands in quotes and stays text.`
          : `Line ${problem.line}, column ${problem.column}: ${problem.message}`}
      </p>
      {refused !== null && <p className="error">{refused}</p>}
    </div>
  );
}
