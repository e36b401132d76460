import { member, textOf } from '@halyard/json';
import type { FlagDefinition } from '../definitions/flag.ts';
import type { FiltersV1 } from '../definitions/filters-v1.ts';
import type { FlagWarning } from './warning.ts';
import { quoted } from './words.ts';

/** Keys of services by their beginnings, private keys, and tokens with a signature. */
const SECRET =
  /\b(?:ph[xs]_|sk_live_|rk_live_|sk-[A-Za-z0-9]{16}|gh[pousr]_|github_pat_|xox[abp]-|AKIA[0-9A-Z]{12}|glpat-|npm_[A-Za-z0-9]{20})|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\./;
/** A member that is named like one, with a text in it. */
const NAMED = /"[^"]*(?:password|passwd|secret|private_?key|api_?key|access_?token)[^"]*"\s*:\s*"[^"]{6,}"/i;

/** Payloads that everybody can read and nobody should, and those of values that the flag never has. */
export function payloadWarnings({ runtime }: FlagDefinition, filters: FiltersV1): readonly FlagWarning[] {
  const payloads = filters.payloads ?? {};
  const values = new Set(filters.variants.length === 0 ? ['true'] : filters.variants.map(({ key }) => key));
  if (filters.enrollment) values.add('true');
  if (filters.holdout !== null) values.add(`holdout-${filters.holdout.id}`);
  return Object.keys(payloads).flatMap((key): FlagWarning[] => {
    const path = `filters.payloads.${key}`;
    const text = textOf(member(payloads, key) ?? null);
    const warnings: FlagWarning[] = [];
    if (runtime !== 'server' && (SECRET.test(text) || NAMED.test(text))) {
      const message =
        'looks like a secret, and browsers may read it: make the flag server-side or encrypt its payloads';
      warnings.push({ code: 'payload_looks_secret', path, message });
    }
    if (!values.has(key)) {
      const message = `belongs to ${quoted(key)}, which is no value of the flag: nobody gets it`;
      warnings.push({ code: 'payload_of_no_value', path, message });
    }
    return warnings;
  });
}
