import { type CharSet, complement, LAST_CODE_POINT, rangesOf } from './char-set.ts';
import { PatternProblem } from './pattern-problem.ts';
import { BINARY_NAMES, CATEGORY_NAMES, looseName, SCRIPT_NAMES } from './unicode-names.ts';

const PROPERTIES = new Map([
  ['generalcategory', 'General_Category'],
  ['gc', 'General_Category'],
  ['script', 'Script'],
  ['sc', 'Script'],
  ['scriptextensions', 'Script_Extensions'],
  ['scx', 'Script_Extensions'],
]);

/**
 * The set named by the text of a `\p{…}` (without the braces). Names are matched loosely, as the reference does; age and
 * text-segmentation properties, which native patterns lack, count as unknown (E106 leaves rare constructs open).
 *
 * @throws PatternProblem when no such property exists
 */
export function unicodeProperty(text: string, caseless: boolean, position: number): CharSet {
  const differs = text.indexOf('!=');
  if (differs >= 0) {
    const body = valueBody(text.slice(0, differs), text.slice(differs + 2));
    return complement(known(body, caseless, position, text), position);
  }
  const separator = text.includes(':') ? text.indexOf(':') : text.indexOf('=');
  const body =
    separator >= 0 ? valueBody(text.slice(0, separator), text.slice(separator + 1)) : loneBody(looseName(text));
  return known(body, caseless, position, text);
}

function valueBody(property: string, value: string): string | undefined {
  const name = PROPERTIES.get(looseName(property));
  const wanted = looseName(value);
  if (name === undefined) return undefined;
  if (name !== 'General_Category') return `${name}=${SCRIPT_NAMES.get(wanted) ?? scriptCode(wanted)}`;
  return CATEGORY_NAMES.get(wanted);
}

function loneBody(name: string): string | undefined {
  return BINARY_NAMES.get(name) ?? CATEGORY_NAMES.get(name) ?? `Script=${SCRIPT_NAMES.get(name) ?? scriptCode(name)}`;
}

function scriptCode(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function known(body: string | undefined, caseless: boolean, position: number, text: string): CharSet {
  if (body === undefined || !/^[\w=]+$/.test(body) || !isNative(body)) {
    throw new PatternProblem(`unknown Unicode property ${JSON.stringify(text.slice(0, 40))}`, position);
  }
  return body === 'Any' ? rangesOf([0, LAST_CODE_POINT], false) : { kind: 'property', body, caseless };
}

function isNative(body: string): boolean {
  // The reference has no such script, whatever the runtime says.
  if (/=(?:Unknown|Zzzz)$/.test(body)) return false;
  try {
    return new RegExp(`\\p{${body}}`, 'u').unicode;
  } catch {
    return false;
  }
}
