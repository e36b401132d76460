export { type Budget, createBudget } from './budget.ts';
export type { RegexOutcome } from './outcome.ts';
export { type CompiledRegex, compileRegex } from './regex.ts';
