/** Something that is wrong, and where in the flag: a field such as `key`, or a place in its filters such as `groups[0].properties[1].value`. */
export interface Problem {
  readonly place: string;
  readonly text: string;
}

/** Errors of the API (M71): those of filters begin with their place. */
export function problemsFrom(
  errors: readonly { readonly detail: string; readonly attr: string | null }[],
): readonly Problem[] {
  return errors.map(({ detail, attr }) => {
    const [, place, text] = /^([a-z_]+(?:\[\d+\]|\.[A-Za-z0-9_-]+)*): (.*)$/s.exec(detail) ?? [];
    if (attr === 'filters' && place !== undefined && text !== undefined) return { place, text };
    return { place: attr === null || attr === 'filters' ? '' : attr, text: detail };
  });
}

const FIELDS: Readonly<Record<string, string>> = {
  key: 'Key',
  multivariate: 'Variants',
  'multivariate.variants': 'Variants',
  groups: 'Conditions',
  name: 'Description',
  tags: 'Tags',
  evaluation_contexts: 'Evaluation contexts',
  evaluation_runtime: 'Runtime',
  bucketing_identifier: 'Shares',
  ensure_experience_continuity: 'Experience continuity',
  is_remote_configuration: 'Remote configuration',
  has_encrypted_payloads: 'Encrypted payloads',
};

/** A place as people call it: `Condition 1, filter 2`; '' for the whole flag. */
export function placeWords(place: string): string {
  const number = (pattern: RegExp): number | null => {
    const [, digits] = pattern.exec(place) ?? [];
    return digits === undefined ? null : Number(digits) + 1;
  };
  const [condition, filter] = [number(/^groups\[(\d+)\]/), number(/properties\[(\d+)\]/)];
  if (condition !== null) return `Condition ${condition}${filter === null ? '' : `, filter ${filter}`}`;
  const rule = number(/^rules\[(\d+)\]/);
  if (rule !== null) return `Rule ${rule}${filter === null ? '' : `, filter ${filter}`}`;
  const variant = number(/variants\[(\d+)\]/);
  if (variant !== null) return `Variant ${variant}`;
  if (place.startsWith('payloads.')) {
    const key = place.slice('payloads.'.length);
    return key === 'true' ? 'Payload' : `Payload of ${key}`;
  }
  return FIELDS[place] ?? place.replaceAll('_', ' ');
}

/** What is wrong at a place or within it, but for places in `except`. */
export function textAt(problems: readonly Problem[], place: string, except?: string): string | null {
  const found = problems.filter(
    ({ place: at }) =>
      (at === place || at.startsWith(`${place}.`) || at.startsWith(`${place}[`)) &&
      (except === undefined || !at.startsWith(except)),
  );
  return found.length === 0 ? null : found.map(({ text }) => text).join(' ');
}

/** Puts the focus to the field of a place, or of the nearest place around it that the page shows (K39). */
export function focusPlace(place: string): void {
  for (let at = place; at !== ''; at = at.replace(/(?:\.[^.[]*|\[\d+\]|^[^.[]*)$/, '')) {
    const around = document.querySelector<HTMLElement>(`[data-place="${CSS.escape(at)}"]`);
    if (around === null) continue;
    const folded = around.closest('details:not([open])');
    if (folded instanceof HTMLDetailsElement) folded.open = true;
    const field = around.querySelector<HTMLElement>('input, select, textarea, [contenteditable="true"], button');
    around.scrollIntoView({ block: 'center' });
    (field ?? around).focus();
    return;
  }
}
