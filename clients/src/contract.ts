import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@halyard/json';
import { fromLocalEvaluation, type ProjectWriter, type StoredFacts } from 'halyard/host';

/** Somebody about whom a client is asked, and the right answers. */
export interface User {
  /** What is special about the question. */
  readonly about: string;
  readonly distinctId: string;
  readonly deviceId?: string;
  /** Keys by type. */
  readonly groups: Readonly<Record<string, string>>;
  readonly personProperties: JsonObject;
  /** By type. */
  readonly groupProperties: Readonly<Record<string, JsonObject>>;
  /** What a client must be able to send for it. */
  readonly needs: readonly Ability[];
  /** All that the flags ask for is in the question, so it can be answered without the service. */
  readonly local: boolean;
  /** By flag; null where there is no answer, as for a flag that is switched off. */
  readonly values: Answers;
  /** By flag, parsed; none elsewhere. */
  readonly payloads: Answers;
}

export type Answers = Readonly<Record<string, JsonValue>>;

/** What only some clients can do. */
export type Ability = 'groups' | 'overrides' | 'device' | 'payloads' | 'local' | 'remoteConfig' | 'events' | 'persons';

/** What every client is held against: a project, questions and the right answers. */
export interface Contract {
  /** As PostHog's endpoint for local evaluation gives them. */
  readonly definitions: { readonly flags: readonly (JsonObject & { readonly key: string })[] } & JsonObject;
  readonly facts: StoredFacts;
  readonly users: readonly User[];
  /** What differs where a client has the definitions and not the stored facts. */
  readonly locally: Answers;
  /** Flags that are decided by nothing but the id of the user. */
  readonly bare: readonly string[];
  /** A flag whose payload clients read by its key, about nobody. */
  readonly remoteConfig: {
    readonly flag: JsonObject & { readonly key: string };
    readonly payload: JsonValue;
    /** Another one, encrypted: the service's setting that opens it, and what is seen by who may not read it. */
    readonly sealed: {
      readonly flag: JsonObject & { readonly key: string };
      readonly key: string;
      readonly payload: JsonValue;
      readonly mask: string;
    };
  };
  /** A flag gets another rollout, in percent; what it changes for everybody. */
  readonly change: { readonly flag: string; readonly rollout: number; readonly values: Answers };
}

export const contract = JSON.parse(readFileSync(new URL('../contract.json', import.meta.url), 'utf8')) as Contract;

/** Every flag, by its key. */
export const flagKeys: readonly string[] = contract.definitions.flags.map(({ key }) => key);

/** A flag that is decided by the device: only clients that can tell theirs are asked about it. */
export const DEVICE_FLAG = 'device';

/** Flags that a client can be asked about without the service: all that they depend on is in the question. */
export function localKeys({ can }: { readonly can: readonly Ability[] }): readonly string[] {
  return flagKeys.filter(
    (key) => contract.locally[key] !== null && (can.includes('overrides') || contract.bare.includes(key)),
  );
}

/** Writes the project of the contract: whole at first, then its flags with the change or without it. */
export async function writeProject(
  writer: ProjectWriter,
  token: string,
  state: 'first' | 'changed' | 'changed back',
): Promise<void> {
  const { definitions, facts, change, remoteConfig } = contract;
  const flags = definitions.flags.map((flag) =>
    state === 'changed' && flag.key === change.flag
      ? { ...flag, version: 2, filters: { groups: [{ properties: [], rollout_percentage: change.rollout }] } }
      : flag,
  );
  await writer.importDefinitions(
    fromLocalEvaluation({ ...definitions, flags: [...flags, remoteConfig.flag, remoteConfig.sealed.flag] }),
    {
      token,
      ...(state === 'first' ? { facts } : {}),
    },
  );
}
