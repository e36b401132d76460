/** What an operator wants beside it. */
export type OperandKind = 'list' | 'text' | 'number' | 'pair' | 'none' | 'date' | 'version' | 'pattern';

export interface Operator {
  readonly id: string;
  readonly text: string;
  readonly operand: OperandKind;
  readonly group: 'Is' | 'Text' | 'Numbers' | 'Dates' | 'Versions';
}

const of = (
  group: Operator['group'],
  operand: OperandKind,
  names: Readonly<Record<string, string>>,
): readonly Operator[] => Object.entries(names).map(([id, text]) => ({ id, text, operand, group }));

/** Every operator on a property of a person or group (E93). */
export const propertyOperators: readonly Operator[] = [
  ...of('Is', 'list', { exact: 'is one of', is_not: 'is none of' }),
  ...of('Is', 'none', { is_set: 'is set', is_not_set: 'is not set' }),
  ...of('Text', 'text', {
    icontains: 'contains',
    not_icontains: 'does not contain',
    starts_with: 'starts with',
    not_starts_with: 'does not start with',
    ends_with: 'ends with',
    not_ends_with: 'does not end with',
  }),
  ...of('Text', 'list', { icontains_multi: 'contains one of', not_icontains_multi: 'contains none of' }),
  ...of('Text', 'pattern', { regex: 'matches the pattern', not_regex: 'does not match the pattern' }),
  ...of('Numbers', 'number', { gt: '>', gte: '≥', lt: '<', lte: '≤' }),
  ...of('Numbers', 'pair', { between: 'is between', not_between: 'is not between' }),
  ...of('Dates', 'date', {
    is_date_after: 'is after',
    is_date_before: 'is before',
    is_date_exact: 'is at the date',
  }),
  ...of('Versions', 'version', {
    semver_eq: 'version =',
    semver_neq: 'version ≠',
    semver_gt: 'version >',
    semver_gte: 'version ≥',
    semver_lt: 'version <',
    semver_lte: 'version ≤',
    semver_tilde: 'version ~ (same minor)',
    semver_caret: 'version ^ (same major)',
    semver_wildcard: 'version like 1.2.*',
  }),
];

const byId = new Map(propertyOperators.map((operator) => [operator.id, operator]));

/** An operator as the editor shows it; of an unknown one its own name. */
export function operatorOf(id: string | null | undefined): Operator {
  const name = id ?? 'exact';
  return byId.get(name) ?? { id: name, text: name, operand: 'text', group: 'Is' };
}

/** Groups of operators that fit a kind of value best, by its name in JSON. */
const BEST: Readonly<Record<string, readonly Operator['group'][]>> = {
  number: ['Is', 'Numbers'],
  boolean: ['Is'],
};

/** Every operator, those first that fit what people have (K33). */
export function operatorsFor(kind: string | null): readonly Operator[] {
  const best = BEST[kind ?? ''] ?? [];
  const rank = ({ group }: Operator): number => (best.includes(group) ? best.indexOf(group) : best.length);
  return propertyOperators.toSorted((a, b) => rank(a) - rank(b));
}
