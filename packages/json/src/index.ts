export { ExactNumber } from './exact-number.ts';
export { type ParseLimits, parseJson, parseStored, TooDeep, TooManyValues } from './parse-json.ts';
export { isList, isObject, member } from './read.ts';
export { jsonText, textOf } from './text.ts';
export type { JsonObject, JsonValue } from './values.ts';
