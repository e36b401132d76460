import { jsonText } from '@halyard/json';
import type { FlagResult } from 'halyard/host';
import { Fragments } from './fragments.ts';

/** What the answers of one compiled set of definitions are made of, per member kind. */
export interface Rendered {
  /** `"key":{…}` as in H58. */
  readonly records: Fragments;
  /** `"key":value` with every flag (H60). */
  readonly values: Fragments;
  /** `"key":payload`, only where there is one (H60). */
  readonly payloads: Fragments;
  /** `"key":value`, only flags that are on (H62). */
  readonly valuesOn: Fragments;
  /** `"key"`, only flags that are on (H61). */
  readonly keysOn: Fragments;
}

const byProgram = new WeakMap<object, Rendered>();

/** The fragments kept for a program; they go when it goes. */
export function renderedFor(program: object): Rendered {
  let rendered = byProgram.get(program);
  if (rendered === undefined) {
    rendered = {
      records: new Fragments(record),
      values: new Fragments(value),
      payloads: new Fragments(payload),
      valuesOn: new Fragments((result) => (result.enabled ? value(result) : '')),
      keysOn: new Fragments((result) => (result.enabled ? JSON.stringify(result.flag.key) : '')),
    };
    byProgram.set(program, rendered);
  }
  return rendered;
}

function record(result: FlagResult): string {
  const { flag, reason } = result;
  const key = JSON.stringify(flag.key);
  const failed = result.failed ? ',"failed":true' : '';
  const description = reason.description === null ? '' : `,"description":${JSON.stringify(reason.description)}`;
  return (
    `${key}:{"key":${key},"enabled":${result.enabled},"variant":${JSON.stringify(result.variant)}${failed},` +
    `"reason":{"code":${JSON.stringify(reason.code)},"condition_index":${reason.conditionIndex}${description}},` +
    `"metadata":{"id":${flag.id},"version":${flag.version},"description":null,` +
    `"payload":${payloadText(result) ?? 'null'},"has_experiment":${flag.hasExperiment}}}`
  );
}

function value(result: FlagResult): string {
  return `${JSON.stringify(result.flag.key)}:${JSON.stringify(result.value)}`;
}

function payload(result: FlagResult): string {
  const text = payloadText(result);
  return text === undefined ? '' : `${JSON.stringify(result.flag.key)}:${text}`;
}

/** The payload as the evaluation attached it; a flag that is off has one in the case of E52 only. */
function payloadText(result: FlagResult): string | undefined {
  return result.payload === undefined ? undefined : jsonText(result.payload);
}
