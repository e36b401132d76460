import { isList, isObject, type JsonObject, type JsonValue } from '@halyard/json';
import { useState } from 'react';
import { jsonProblem, readJson, writeJson } from '../api/exact-json.ts';
import { JsonEditor } from '../design/json-editor.tsx';
import { same } from './draft.ts';
import { fieldNames, type FlagFields } from './flag.ts';

interface JsonViewProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** All of a flag that can be changed, as JSON, both ways (K40): what is typed is the draft as soon as it can be one. */
export function JsonView({ fields, onChange }: JsonViewProps) {
  const [typed, setTyped] = useState<{ readonly text: string; readonly fields: FlagFields | null } | null>(null);
  // What was changed elsewhere, such as by “Discard”, is shown; how somebody writes the same is left as it is.
  const isTheirs = typed !== null && (typed.fields === null || same(typed.fields, fields));
  const text = isTheirs ? typed.text : writeJson(fields, 2);
  const problem = problemOf(text);
  const change = (next: string): void => {
    const read = problemOf(next) === null ? ({ ...(readJson(next) as JsonObject) } as unknown as FlagFields) : null;
    setTyped({ text: next, fields: read });
    if (read !== null && !same(read, fields)) onChange(read);
  };
  return (
    <section className="stack tight" aria-label="The flag as JSON">
      <JsonEditor label="The flag as JSON" value={text} onChange={change} />
      <p className={problem === null ? 'hint' : 'error'} role="status">
        {problem ?? 'The form shows the same. It is saved as the form is: by a review.'}
      </p>
    </section>
  );
}

const KINDS: Readonly<Partial<Record<keyof FlagFields, string>>> = {
  key: 'string',
  name: 'string',
  active: 'boolean',
  archived: 'boolean',
  deleted: 'boolean',
};

/** Why a text is no flag that the form can show; null: it is one. */
function problemOf(text: string): string | null {
  const broken = jsonProblem(text);
  if (broken !== null) return `Line ${broken.line}, column ${broken.column}: ${broken.message}`;
  const value = text.trim() === '' ? null : readJson(text);
  if (!isObject(value ?? undefined)) return 'A flag is an object: {"key": …, "filters": …}.';
  const flag = value as JsonObject;
  const missing = fieldNames.find((name) => !Object.hasOwn(flag, name));
  if (missing !== undefined) return `The member “${missing}” is missing.`;
  const unknown = Object.keys(flag).find((name) => !(fieldNames as readonly string[]).includes(name));
  if (unknown !== undefined) return `“${unknown}” is no member of a flag that can be changed.`;
  const wrong = fieldNames.find((name) => KINDS[name] !== undefined && typeof flag[name] !== KINDS[name]);
  if (wrong !== undefined) return `“${wrong}” has to be a ${KINDS[wrong] ?? ''}.`;
  for (const name of ['tags', 'evaluation_contexts']) {
    const list = flag[name];
    if (!isList(list) || !list.every((item) => typeof item === 'string')) return `“${name}” has to be a list of texts.`;
  }
  return filtersProblem(flag['filters'] ?? null);
}

function filtersProblem(filters: JsonValue): string | null {
  if (!isObject(filters)) return '“filters” has to be an object.';
  const { groups = null, multivariate = null, payloads = null } = filters;
  if (groups !== null) {
    if (!isList(groups)) return '“filters.groups” has to be a list of conditions.';
    for (const [at, group] of groups.entries()) {
      if (!isObject(group)) return `“filters.groups[${at}]” has to be an object.`;
      const { properties = null } = group;
      const isFine = properties === null || (isList(properties) && properties.every(isKeyed));
      if (!isFine) return `“filters.groups[${at}].properties” has to be a list of objects that have a “key”.`;
    }
  }
  if (multivariate !== null) {
    const variants = isObject(multivariate) ? (multivariate['variants'] ?? null) : undefined;
    const isFine = isList(variants) && variants.every(isKeyed);
    if (!isFine) return '“filters.multivariate.variants” has to be a list of objects that have a “key”.';
  }
  return payloads === null || isObject(payloads) ? null : '“filters.payloads” has to be an object.';
}

function isKeyed(value: JsonValue): boolean {
  return isObject(value) && typeof value['key'] === 'string';
}
