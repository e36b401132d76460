import type { FlagValues } from '@halyard/engine/review';
import { ANYTHING, type Shape, shapesOf } from './value-shape.ts';

/**
 * A module of TypeScript with the keys, values and payloads of flags, and `withFlags`, which gives a client of posthog-js, posthog-node
 * or the flags of `halyard` these types.
 */
export function typescriptOf(flags: readonly FlagValues[]): string {
  const members = (type: (flag: FlagValues) => string): string =>
    flags.map((flag) => `${commentOf(flag)}  readonly ${JSON.stringify(flag.key)}: ${type(flag)};\n`).join('');
  return `${HEAD}
/** What each flag gives. */
export interface FlagValues {
${members(({ values }) =>
  unionOf(
    values.map((value) => JSON.stringify(value)),
    'never',
  ),
)}}

/** The payload of each flag, where it has one. */
export interface FlagPayloads {
${members(({ payloads }) => payloadType(payloads))}}
${CLIENTS}`;
}

const HEAD = `// Made by \`halyard types\` from the definitions of flags. Make it again instead of editing it.
`;

const CLIENTS = `
export type FlagKey = keyof FlagValues;
export type FlagValue<Key extends FlagKey> = FlagValues[Key];
export type FlagPayload<Key extends FlagKey> = FlagPayloads[Key];

/** What a method takes after the flag's key. */
type Rest<Method> = Method extends (key: never, ...rest: infer Others) => unknown ? Others : never;

/** What a method gives, with this value in it. */
type Giving<Method, Value> = Method extends (...all: never) => infer Given
  ? Given extends Promise<unknown>
    ? Promise<Value | undefined>
    : Value | undefined
  : never;

type Plain<Method> = Method extends (...all: never) => infer Given ? Given : never;

/** A client whose methods about flags know the keys and what each gives. */
export type WithFlags<Client> = {
  [Name in keyof Client]: Name extends 'getFeatureFlag' | 'value'
    ? <Key extends FlagKey>(key: Key, ...rest: Rest<Client[Name]>) => Giving<Client[Name], FlagValues[Key]>
    : Name extends 'getFeatureFlagPayload' | 'payload'
      ? <Key extends FlagKey>(key: Key, ...rest: Rest<Client[Name]>) => Giving<Client[Name], FlagPayloads[Key]>
      : Name extends 'isFeatureEnabled' | 'isEnabled' | 'getFeatureFlagResult'
        ? (key: FlagKey, ...rest: Rest<Client[Name]>) => Plain<Client[Name]>
        : Client[Name];
};

/** The same client: only its types are others. */
export function withFlags<Client extends object>(client: Client): WithFlags<Client> {
  return client as unknown as WithFlags<Client>;
}
`;

function commentOf({ description }: FlagValues): string {
  const text = description.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim();
  return text === '' ? '' : `  /** ${text} */\n`;
}

function payloadType(payloads: FlagValues['payloads']): string {
  if (payloads.length === 0) return 'undefined';
  const shapes = shapesOf(payloads);
  return shapes === ANYTHING ? 'unknown' : unionOf(shapes.map(typeOf), 'unknown');
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'integer':
      return 'number';
    case 'list':
      return `readonly (${unionOf(shape.items.map(typeOf), 'unknown')})[]`;
    case 'object': {
      const members = shape.members.map(([name, of]) => `readonly ${JSON.stringify(name)}: ${typeOf(of)}`);
      return members.length === 0 ? 'Record<string, never>' : `{ ${members.join('; ')} }`;
    }
    default:
      return shape.kind;
  }
}

function unionOf(types: readonly string[], none: string): string {
  return types.length === 0 ? none : [...new Set(types)].join(' | ');
}
