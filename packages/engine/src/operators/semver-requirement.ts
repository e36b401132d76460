import { bigPart, comparePre, dropLeadingZeros, stripVersion, type Version, type VersionPart } from './version.ts';

type Operator = '=' | '>' | '>=' | '<' | '<=' | '~' | '^';

/** One comparison of a requirement. A part that is null was left out or a wildcard. */
interface Comparator {
  readonly operator: Operator;
  readonly major: VersionPart;
  readonly minor: VersionPart | null;
  readonly patch: VersionPart | null;
  readonly pre: string;
}

/** Comparators that must all hold; none at all is the lone wildcard, which any release satisfies. */
export type Requirement = readonly Comparator[];

const MAX_COMPARATORS = 32;
const NUMBER = '(?:0|[1-9][0-9]*)';
const IDENTIFIER = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
const COMPARATOR = new RegExp(
  `^(=|>=?|<=?|~|\\^)? *(${NUMBER})` +
    `(?:\\.(${NUMBER}|[*xX])(?:\\.(${NUMBER}|[*xX])` +
    `(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)?)? *$`,
);
const ONLY_WILDCARD = /^ *[*xX] *$/;

/** Requirement of `semver_tilde` or `semver_caret` (E112): the value is padded to three parts first. */
export function parsePadded(operator: '~' | '^', text: string): Requirement | undefined {
  const version = stripVersion(text);
  const suffix = version.search(/[-+]/);
  const core = suffix < 0 ? version : version.slice(0, suffix);
  const parts = core.split('.').map(dropLeadingZeros);
  while (parts.length < 3) parts.push('0');
  return parseRequirement(operator + parts.join('.') + version.slice(core.length));
}

/** Requirement of `semver_wildcard` (E113): wildcards, or without any a requirement expression. */
export function parseWildcard(text: string): Requirement | undefined {
  return parseRequirement(stripVersion(text).split('.').map(dropLeadingZeros).join('.'));
}

/** Reads a comma list of comparators, or a wildcard alone. `undefined` if it is neither. */
function parseRequirement(text: string): Requirement | undefined {
  if (ONLY_WILDCARD.test(text)) return [];
  const comparators: Comparator[] = [];
  for (const piece of text.split(',', MAX_COMPARATORS + 1)) {
    const comparator = parseComparator(piece.replace(/^ +/, ''));
    if (comparator === undefined || comparators.length === MAX_COMPARATORS) return undefined;
    comparators.push(comparator);
  }
  return comparators;
}

function parseComparator(text: string): Comparator | undefined {
  const match = COMPARATOR.exec(text);
  if (match === null) return undefined;
  const [, operator, majorText = '', minorText, patchText, pre = ''] = match;
  const major = partOf(majorText);
  const minor = partOf(minorText);
  const patch = partOf(patchText);
  if (major === undefined || major === null || minor === undefined || patch === undefined) return undefined;
  // After a wildcard only a second wildcard may stand; a suffix needs a patch number.
  if (minor === null && patch !== null) return undefined;
  if (patch === null && /[-+]/.test(text)) return undefined;
  const hasWildcard = (minorText !== undefined && minor === null) || (patchText !== undefined && patch === null);
  return { operator: (operator as Operator | undefined) ?? (hasWildcard ? '=' : '^'), major, minor, patch, pre };
}

/** A number, `null` for nothing or a wildcard, `undefined` for a number beyond 64 bits. */
function partOf(text: string | undefined): VersionPart | null | undefined {
  if (text === undefined || text === '*' || text === 'x' || text === 'X') return null;
  const number = Number(text);
  return number <= Number.MAX_SAFE_INTEGER ? number : bigPart(text, number);
}

/**
 * Whether a version satisfies a requirement. A pre-release does so only if a comparator names a pre-release
 * of the same major, minor and patch (E114). Build metadata does not count.
 */
export function satisfies(version: Version, requirement: Requirement): boolean {
  let namesPre = version.pre === '';
  for (let i = 0; i < requirement.length; i++) {
    const comparator = requirement[i] as Comparator; // i < requirement.length
    if (!holds(version, comparator)) return false;
    namesPre ||=
      comparator.pre !== '' &&
      comparator.major === version.major &&
      comparator.minor === version.minor &&
      comparator.patch === version.patch;
  }
  return namesPre;
}

function holds(version: Version, comparator: Comparator): boolean {
  switch (comparator.operator) {
    case '=':
      return isExact(version, comparator);
    case '>':
      return order(version, comparator) > 0;
    case '>=':
      return order(version, comparator) > 0 || isExact(version, comparator);
    case '<':
      return order(version, comparator) < 0;
    case '<=':
      return order(version, comparator) < 0 || isExact(version, comparator);
    case '~':
      return isCompatible(version, comparator, comparator.minor === null ? 1 : 2);
    case '^':
      return isCompatible(version, comparator, fixedParts(comparator));
  }
}

/** How many leading parts a caret requirement pins: up to and with the left-most one that is not zero (E112). */
function fixedParts({ major, minor, patch }: Comparator): 1 | 2 | 3 {
  if (major !== 0 || minor === null) return 1;
  return minor !== 0 || patch === null ? 2 : 3;
}

/** At least the comparator's version, with the first `fixed` parts the same. */
function isCompatible(version: Version, comparator: Comparator, fixed: 1 | 2 | 3): boolean {
  const { major, minor, patch, pre } = comparator;
  if (version.major !== major) return false;
  if (minor === null) return true;
  if (version.minor !== minor) return fixed < 2 && version.minor > minor;
  if (patch === null) return true;
  if (version.patch !== patch) return fixed < 3 && version.patch > patch;
  return comparePre(version.pre, pre) >= 0;
}

/** The same in every part that the comparator has. */
function isExact(version: Version, { major, minor, patch, pre }: Comparator): boolean {
  return (
    version.major === major &&
    (minor === null || version.minor === minor) &&
    (patch === null || version.patch === patch) &&
    version.pre === pre
  );
}

/** Order by the parts that the comparator has: `1.2.9` is neither above nor below `1.2`. */
function order(version: Version, { major, minor, patch, pre }: Comparator): number {
  if (version.major !== major) return version.major < major ? -1 : 1;
  if (minor === null) return 0;
  if (version.minor !== minor) return version.minor < minor ? -1 : 1;
  if (patch === null) return 0;
  if (version.patch !== patch) return version.patch < patch ? -1 : 1;
  return comparePre(version.pre, pre);
}
