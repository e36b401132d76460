import { ExactNumber, isList, isObject, type JsonValue } from '@halyard/json';

/** What values look like, as far as a type can say. */
export type Shape =
  | { readonly kind: 'null' | 'boolean' | 'integer' | 'number' | 'string' }
  | { readonly kind: 'list'; readonly items: readonly Shape[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, shape: Shape])[] };

/** Deeper than this nobody reads a type. */
const DEEPEST = 20;
/** What is beyond the depth, or a mixture: anything. */
export const ANYTHING = null;

/** The different shapes of some values; `null`: they are too deep to say. */
export function shapesOf(values: readonly JsonValue[], depth = 0): readonly Shape[] | null {
  if (depth > DEEPEST) return ANYTHING;
  const shapes = new Map<string, Shape>();
  for (const value of values) {
    const shape = shapeOf(value, depth);
    if (shape === ANYTHING) return ANYTHING;
    shapes.set(JSON.stringify(shape), shape);
  }
  // A whole number is a number.
  const all = [...shapes.values()];
  return all.some(({ kind }) => kind === 'number') ? all.filter(({ kind }) => kind !== 'integer') : all;
}

function shapeOf(value: JsonValue, depth: number): Shape | null {
  if (value === null) return { kind: 'null' };
  if (value instanceof ExactNumber) return { kind: Number.isInteger(value.value) ? 'integer' : 'number' };
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value === 'boolean') return { kind: 'boolean' };
  if (typeof value === 'string') return { kind: 'string' };
  if (isList(value)) {
    const items = shapesOf(value, depth + 1);
    return items === ANYTHING ? ANYTHING : { kind: 'list', items };
  }
  if (!isObject(value)) return ANYTHING;
  const members: (readonly [string, Shape])[] = [];
  for (const [name, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const shape = shapeOf(item, depth + 1);
    if (shape === ANYTHING) return ANYTHING;
    members.push([name, shape]);
  }
  return { kind: 'object', members };
}
