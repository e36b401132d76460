import type { JsonObject, JsonValue } from '@halyard/json';
import { objectFrom } from './code-value.ts';
import type { ProjectCode } from './project-code.ts';

/** Name of the schema beside exported files. */
export const SCHEMA_FILE = 'flags.schema.json';

/** A file that an export writes: its path below the folder, with `/`, and what it says. */
export interface CodeFile {
  readonly path: string;
  readonly value: JsonObject;
  /** Where its schema is, seen from it. */
  readonly schema: string;
}

/** A flag a file, and one for everything else. */
export function folderFiles(code: ProjectCode, format: 'yaml' | 'json'): readonly CodeFile[] {
  const names = new Set<string>();
  const flags = [...code.flags].map(([key, flag]) => ({
    path: `flags/${freeName(fileName(key), names)}.${format}`,
    value: flag,
    schema: `../${SCHEMA_FILE}`,
  }));
  const project = projectMembers(code);
  if (Object.keys(project).length === 0) return flags;
  return [...flags, { path: `project.${format}`, value: project, schema: `./${SCHEMA_FILE}` }];
}

/** Everything in one document. */
export function wholeDocument(code: ProjectCode): JsonObject {
  return { ...projectMembers(code), flags: [...code.flags.values()] };
}

/** What a project has besides flags, as far as it is not what every project has. */
function projectMembers({ cohorts, groupTypes, timezone, propertyMatchingVersion }: ProjectCode): JsonObject {
  const members: [string, JsonValue][] = [];
  if (timezone !== undefined && timezone !== 'UTC') members.push(['timezone', timezone]);
  if (propertyMatchingVersion === 2) members.push(['property_matching_version', 2]);
  if (Object.keys(groupTypes).length > 0) members.push(['group_types', groupTypes]);
  if (cohorts.size > 0) members.push(['cohorts', [...cohorts.values()]]);
  return objectFrom(members);
}

/** Names that some system keeps for itself. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;
const LONGEST_NAME = 100;

/** A file's name for a key: letters, digits, `_`, `-` and dots within stay, everything else is written as its bytes. */
function fileName(key: string): string {
  const safe = encodeURIComponent(key.replaceAll(/\p{Surrogate}/gu, '_')).replaceAll(/[!'()*~]|^\.|\.$/g, escaped);
  return safe.length > LONGEST_NAME || RESERVED.test(safe) ? `${safe.slice(0, LONGEST_NAME)}_` : safe;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Some systems do not tell `Flag` from `flag`. */
function freeName(name: string, taken: Set<string>): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}_${count}`;
    if (taken.has(candidate.toLowerCase())) continue;
    taken.add(candidate.toLowerCase());
    return candidate;
  }
}
