import { type JsonValue, textOf } from '@halyard/json';
import type { Cell } from './cell.ts';
import { ERROR, MATCH, MISS } from './outcome.ts';
import type { OperatorCompiler, PropertyTest } from './property-test.ts';
import { parsePadded, parseWildcard, type Requirement, satisfies } from './semver-requirement.ts';
import { compareVersions, readVersion, Version } from './version.ts';

/** The property's version while one test runs; evaluation is synchronous, so one is enough. */
const scratch = new Version();

/** Fills `scratch` with the property's version, if it has one (E110). */
function hasVersion(cell: Cell): boolean {
  return cell.value !== undefined && readVersion(cell.text(), scratch);
}

/** E110: a filter value that is no version is an error, but only for a property that is one. */
const broken: PropertyTest = (cell) => (hasVersion(cell) ? ERROR : MISS);

/** `semver_eq` and so on (E111). A property that is not set or no version never matches, not even `semver_neq`. */
export const semverEq = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) === 0 ? MATCH : MISS),
);
export const semverNeq = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) !== 0 ? MATCH : MISS),
);
export const semverGt = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) > 0 ? MATCH : MISS),
);
export const semverGte = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) >= 0 ? MATCH : MISS),
);
export const semverLt = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) < 0 ? MATCH : MISS),
);
export const semverLte = comparing(
  (bound) => (cell) => (hasVersion(cell) && compareVersions(scratch, bound) <= 0 ? MATCH : MISS),
);

function comparing(test: (bound: Version) => PropertyTest): OperatorCompiler {
  return (value) => {
    const bound = new Version();
    return readVersion(textOf(value), bound) ? test(bound) : broken;
  };
}

/** `semver_tilde`, `semver_caret` (E112) and `semver_wildcard` (E113). */
export const semverTilde = requiring((text) => parsePadded('~', text));
export const semverCaret = requiring((text) => parsePadded('^', text));
export const semverWildcard = requiring(parseWildcard);

function requiring(parse: (text: string) => Requirement | undefined): OperatorCompiler {
  return (value: JsonValue) => {
    const requirement = parse(textOf(value));
    if (requirement === undefined) return broken;
    return (cell) => (hasVersion(cell) && satisfies(scratch, requirement) ? MATCH : MISS);
  };
}

const requirements: ReadonlyMap<string, (text: string) => Requirement | undefined> = new Map([
  ['semver_tilde', (text) => parsePadded('~', text)],
  ['semver_caret', (text) => parsePadded('^', text)],
  ['semver_wildcard', parseWildcard],
]);

/** Whether the operator can use this text: as a requirement (E112, E113) or as one version (E109). */
export function readVersionRequirement(operator: string, text: string): boolean {
  const parse = requirements.get(operator);
  return parse === undefined ? readVersion(text, new Version()) : parse(text) !== undefined;
}
