import { OPERATORS } from '../operators/index.ts';

/** Every operator that a filter may name, old names included (E7, E93). */
export const OPERATOR_NAMES: readonly string[] = [...OPERATORS, 'min', 'max'];
