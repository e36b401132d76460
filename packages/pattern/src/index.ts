export { type CompiledRegex, compileRegex, type RegexOutcome } from './regex.ts';
