import { availableParallelism } from 'node:os';

/** How the text of a setting becomes its value. */
export interface Parser<T> {
  /** The value, or undefined when the text is not one. */
  parse(text: string): T | undefined;
  /** What the text must be, as the end of a sentence: "a whole number from 0 to 65535". */
  readonly expected: string;
  /** What stands for a value in help texts. */
  readonly placeholder: string;
  /** Never shown, not even in the message about a mistake. */
  readonly secret?: boolean;
}

export function integer(min: number, max: number): Parser<number> {
  return {
    parse: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
    expected: `a whole number from ${min} to ${max}`,
    placeholder: 'number',
  };
}

/** A count, or `auto` for as many as this process may use processors. */
export function countOrProcessors(most: number): Parser<number> {
  const count = integer(1, most);
  return {
    parse: (text) => (text.toLowerCase() === 'auto' ? Math.min(availableParallelism(), most) : count.parse(text)),
    expected: `${count.expected}, or auto`,
    placeholder: 'number|auto',
  };
}

export const boolean: Parser<boolean> = {
  parse: (text) => ({ true: true, '1': true, false: false, '0': false })[text.toLowerCase()],
  expected: 'true or false',
  placeholder: 'true|false',
};

export function oneOf<const T extends string>(words: readonly T[]): Parser<T> {
  return {
    parse: (text) => words.find((word) => word === text.toLowerCase()),
    expected: `one of ${words.join(', ')}`,
    placeholder: 'word',
  };
}

export const text: Parser<string> = { parse: (value) => value, expected: 'text', placeholder: 'text' };

export const secret: Parser<string> = { ...text, placeholder: 'secret', secret: true };

/** Several, with commas between them. */
export const secrets: Parser<readonly string[]> = {
  parse: (value) => {
    const list = value.split(',').map((item) => item.trim());
    return list.includes('') ? undefined : list;
  },
  expected: 'secrets with commas between them',
  placeholder: 'secrets',
  secret: true,
};

export const httpUrl: Parser<string> = {
  parse: (value) => (/^https?:\/\/./i.test(value) && URL.canParse(value) ? value : undefined),
  expected: 'a URL such as http://host:4318/v1/traces',
  placeholder: 'url',
  secret: true,
};

/** Where requests are sent on to: their own paths are put behind it. */
export const upstreamUrl: Parser<string> = {
  parse: (value) => {
    const url = httpUrl.parse(value);
    return url === undefined || /[?#]/.test(url) ? undefined : url.replace(/\/+$/, '');
  },
  expected: 'a URL such as https://eu.i.posthog.com',
  placeholder: 'url',
  secret: true,
};

/** Names of properties with commas between them, a star at the end of one for all that begin so. */
export const ignoredProperties: Parser<readonly string[]> = {
  parse: (value) => {
    const names = value.split(',').map((name) => name.trim());
    return names.some((name) => name === '' || name.slice(0, -1).includes('*')) ? undefined : names;
  },
  expected: 'names such as email,$initial_*',
  placeholder: 'names',
};

/** Text that nobody may see, such as a password: a single word, so that it fits into a header. */
export const bearerToken: Parser<string> = {
  parse: (value) => (/^[\x21-\x7e]{16,}$/.test(value) ? value : undefined),
  expected: 'a secret of 16 characters or more without blanks',
  placeholder: 'secret',
  secret: true,
};

export const path: Parser<string> = { parse: (value) => value, expected: 'a path', placeholder: 'path' };

/**
 * A database URL as the URL class takes it. `postgres://user@/db?host=/run/postgresql` has no host of its own, which libpq allows
 * and the class refuses; the name put in its place ends in `.socket`.
 */
export function parsableDatabaseUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/?#]*@)(?=[/?])/i, '$1in.socket');
}

export const databaseUrl: Parser<string> = {
  parse: (value) =>
    /^postgres(ql)?:\/\//i.test(value) && URL.canParse(parsableDatabaseUrl(value)) ? value : undefined,
  expected: 'a URL such as postgres://user:password@host:5432/database',
  placeholder: 'url',
  secret: true,
};

export const redisUrl: Parser<string> = {
  parse: (value) => (/^(redis|valkey)s?:\/\/./i.test(value) && URL.canParse(value) ? value : undefined),
  expected: 'a URL such as redis://user:password@host:6379/0',
  placeholder: 'url',
  secret: true,
};
