import type { Parser } from './parsers.ts';

/** Which commands take a setting. */
export type SettingGroup = 'database' | 'log' | 'server';

export interface Setting<T> {
  /** Name of the environment variable; the command line option is made from it. */
  readonly env: string;
  readonly group: SettingGroup;
  readonly parser: Parser<T>;
  /** As one would write it; undefined: absent unless given. */
  readonly default: string | undefined;
  readonly description: string;
}

/** A setting that has a default, as one would write it. */
export function required<T>(
  env: string,
  group: SettingGroup,
  parser: Parser<T>,
  fallback: string,
  description: string,
): Setting<T> & { readonly default: string } {
  return { env, group, parser, default: fallback, description };
}

/** A setting that is absent unless given. */
export function optional<T>(
  env: string,
  group: SettingGroup,
  parser: Parser<T>,
  description: string,
): Setting<T> & { readonly default: undefined } {
  return { env, group, parser, default: undefined, description };
}
