import { trimWhiteSpace } from './white-space.ts';

/** A part of a version: a bigint only where a double is not exact, so that equal parts are always `===`. */
export type VersionPart = number | bigint;

/** A semantic version. One object is filled again and again; nobody keeps a reference to it. */
export class Version {
  major: VersionPart = 0;
  minor: VersionPart = 0;
  patch: VersionPart = 0;
  /** Dot-separated identifiers, empty for a release. */
  pre = '';
  build = '';
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;
/** Beyond this no digits need looking at; a bigint of very many digits is slow to make. */
const SURELY_TOO_BIG = 2e19;
const PRE = /^(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*$/;
const BUILD = /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/;
const DIGITS = /^[0-9]+$/;

/** Removes one leading lower-case `v`, then the white space around (E109). */
export function stripVersion(text: string): string {
  return trimWhiteSpace(text.startsWith('v') ? text.slice(1) : text);
}

/** An all-digit part without leading zeros, keeping one digit; any other part as it is (E109). */
export function dropLeadingZeros(part: string): string {
  return DIGITS.test(part) ? part.replace(/^0+(?=[0-9])/, '') : part;
}

/**
 * Reads a version text (E109): one to three numeric parts, leading zeros allowed, missing parts are 0,
 * then optionally pre-release and build metadata by the semver rules.
 *
 * @returns whether it is a version; if not, `out` is undefined rubbish.
 */
export function readVersion(text: string, out: Version): boolean {
  const version = stripVersion(text);
  let at = 0;
  out.minor = 0;
  out.patch = 0;
  for (let part = 0; ; part++) {
    const start = at;
    let number = 0;
    let unit = version.charCodeAt(at);
    while (unit >= 48 && unit <= 57) {
      number = number * 10 + (unit - 48);
      unit = version.charCodeAt(++at);
    }
    if (at === start) return false;
    let value: VersionPart = number;
    if (number > Number.MAX_SAFE_INTEGER) {
      const exact = bigPart(version.slice(start, at), number);
      if (exact === undefined) return false;
      value = exact;
    }
    if (part === 0) out.major = value;
    else if (part === 1) out.minor = value;
    else out.patch = value;
    if (unit !== 46) break;
    if (part === 2) return false;
    at++;
  }
  if (at < version.length) return readSuffix(version, at, out);
  out.pre = '';
  out.build = '';
  return true;
}

/** A part too big for a double, or `undefined` if it is too big for 64 bits as well. */
export function bigPart(digits: string, approximately: number): bigint | undefined {
  if (approximately > SURELY_TOO_BIG) return undefined;
  const exact = BigInt(digits);
  return exact <= U64_MAX ? exact : undefined;
}

/** Reads `-pre-release` and `+build`, each optional, to the end of the text. */
function readSuffix(version: string, start: number, out: Version): boolean {
  const plus = version.indexOf('+', start);
  const preEnd = plus < 0 ? version.length : plus;
  out.pre = '';
  out.build = '';
  if (preEnd > start) {
    if (version.charCodeAt(start) !== 45) return false;
    out.pre = version.slice(start + 1, preEnd);
    if (!PRE.test(out.pre)) return false;
  }
  if (plus >= 0) {
    out.build = version.slice(plus + 1);
    if (!BUILD.test(out.build)) return false;
  }
  return true;
}

/** Total order of E111: by number, then pre-release before release, then build metadata. */
export function compareVersions(a: Version, b: Version): number {
  if (a.major !== b.major) return a.major < b.major ? -1 : 1;
  if (a.minor !== b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch !== b.patch) return a.patch < b.patch ? -1 : 1;
  return comparePre(a.pre, b.pre) || compareBuild(a.build, b.build);
}

/** Order of pre-releases: none at all comes last. */
export function comparePre(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  return b === '' ? -1 : compareIdentifiers(a, b);
}

/** Order of build metadata: none at all comes first. */
function compareBuild(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  return b === '' ? 1 : compareIdentifiers(a, b);
}

/** Identifier by identifier: numbers by value and before words, words by character, a longer list later. */
function compareIdentifiers(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareIdentifier(left[i] as string, right[i] as string); // i is below both lengths
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifier(a: string, b: string): number {
  if (a === b) return 0;
  const aIsNumber = DIGITS.test(a);
  if (aIsNumber !== DIGITS.test(b)) return aIsNumber ? -1 : 1;
  if (!aIsNumber) return a < b ? -1 : 1;
  const x = dropLeadingZeros(a);
  const y = dropLeadingZeros(b);
  if (x.length !== y.length) return x.length - y.length;
  if (x !== y) return x < y ? -1 : 1;
  return a.length - b.length; // only in build metadata, where 1 comes before 01
}
