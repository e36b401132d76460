export { ExactNumber } from './exact-number.ts';
export { type ParseLimits, parseDefinitions, parseJson, parseStored, TooDeep, TooManyValues } from './parse-json.ts';
export { isList, isObject, member } from './read.ts';
export { NumberToken, parseTokens, RepeatedMember } from './source.ts';
export { compareUtf8, jsonText, sourceText, textOf } from './text.ts';
export type { JsonObject, JsonValue } from './values.ts';
