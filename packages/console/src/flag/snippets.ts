import { writeJson } from '../api/exact-json.ts';
import type { Asked } from '../api/queries.ts';
import type { FlagFields } from './flag.ts';

/** A word of a shell, whatever stands in it. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The request by which somebody gets a flag, or all (null), to be run in a shell (K23). */
export function curlOf(
  host: string,
  token: string,
  flag: string | null,
  { distinctId, personProperties, groups }: Asked,
): string {
  const body = writeJson({
    token,
    distinct_id: distinctId,
    ...(Object.keys(personProperties).length === 0 ? {} : { person_properties: personProperties }),
    ...(Object.keys(groups).length === 0 ? {} : { groups }),
    ...(flag === null ? {} : { flag_keys_to_evaluate: [flag] }),
  });
  return `curl -H 'content-type: application/json' -d ${shellWord(body)} ${shellWord(`${host}/flags?v=2`)}`;
}

/** The block by which PostHog's Terraform provider keeps a flag (K40, M172). */
export function terraformOf(fields: FlagFields): string {
  const { key, name, active, tags, ensure_experience_continuity: continuity, filters } = fields;
  const lines = [
    `key     = ${hcl(key)}`,
    ...(name === '' ? [] : [`name    = ${hcl(name)}`]),
    `active  = ${String(active)}`,
    ...(tags.length === 0 ? [] : [`tags    = ${hcl(tags)}`]),
    ...(continuity === true ? ['ensure_experience_continuity = true'] : []),
    `filters = jsonencode(${hcl(filters).replaceAll('\n', '\n  ')})`,
  ];
  const label = key.replaceAll(/[^A-Za-z0-9_-]/g, '_').replace(/^(?![A-Za-z_])/, '_');
  return `resource "posthog_feature_flag" "${label}" {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`;
}

/** JSON as an expression of HCL, where `${` and `%{` in texts begin templates. */
function hcl(value: unknown): string {
  return writeJson(value, 2).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}
