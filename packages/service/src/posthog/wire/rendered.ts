import { jsonText } from '@halyard/json';
import type { FlagResult, Reason } from 'halyard/host';
import { Fragments } from './fragments.ts';

/** What the answers of one compiled set of definitions are made of, per member kind. */
export interface Rendered {
  /** `"key":{…}` as in H58. */
  readonly records: Fragments;
  /** `"key":{…}` as in H64. */
  readonly typedRecords: Fragments;
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
      typedRecords: new Fragments(typedRecord),
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
  const { flag } = result;
  const key = JSON.stringify(flag.key);
  return (
    `${key}:{"key":${key},"enabled":${result.enabled},"variant":${JSON.stringify(result.variant)}${failedText(result)},` +
    `${reasonText(result.reason)},` +
    `"metadata":{"id":${flag.id},"version":${flag.version},"description":null,` +
    `"payload":${payloadText(result) ?? 'null'},"has_experiment":${flag.hasExperiment}}}`
  );
}

/** H64, H65a: the value in its own type, and no word about a hash. */
function typedRecord(result: FlagResult): string {
  const { flag, typed, variant } = result;
  const key = JSON.stringify(flag.key);
  const typedValue = result.failed ? 'null' : jsonText(typed === undefined ? result.value : typed.value);
  const stored = flag.configVersion === 1 ? (payloadText(result) ?? 'null') : 'null';
  const rule = typed?.rule ?? null;
  const ruleMembers = rule === null ? '' : `,"rule_type":"${rule.type}","rule_id":${JSON.stringify(rule.id)}`;
  const variantKey = flag.configVersion === 1 && variant !== null ? `,"variant_key":${JSON.stringify(variant)}` : '';
  return (
    `${key}:{"key":${key},"value":${typedValue}${failedText(result)},${reasonText(typed?.reason ?? result.reason)},` +
    `"metadata":{"id":${flag.id},"version":${flag.version},"config_version":${flag.configVersion},"description":null,` +
    `"payload":${stored},"has_experiment":${flag.hasExperiment}${ruleMembers}${variantKey}}}`
  );
}

function failedText({ failed }: FlagResult): string {
  return failed ? ',"failed":true' : '';
}

function reasonText({ code, conditionIndex, description }: Reason): string {
  const sentence = description === null ? '' : `,"description":${JSON.stringify(description)}`;
  return `"reason":{"code":${JSON.stringify(code)},"condition_index":${conditionIndex}${sentence}}`;
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
