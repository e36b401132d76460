// Stand-in until packages/halyard exports these; then every import of this file becomes 'halyard'.
export { ExactNumber } from '../../engine/src/json/exact-number.ts';
export { parseJson } from '../../engine/src/json/parse-json.ts';
export { jsonText, textOf } from '../../engine/src/json/text.ts';
export type { JsonObject, JsonValue } from '../../engine/src/json/values.ts';
export type { EvaluationRequest } from '../../engine/src/request.ts';
export type { Evaluation, FlagResult } from '../../engine/src/result.ts';
