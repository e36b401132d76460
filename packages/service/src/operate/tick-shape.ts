/**
 * Imported before everything else: keeps the hidden class of the objects that `process.nextTick` makes alive.
 *
 * V8 keeps a hidden class as long as an object has it, or for two collections of the old space. While a service starts, there are more
 * of those than that, and in between no tick is waiting. The class is then made anew, and V8 takes the statement that makes ticks for
 * one of many shapes: for ever after, each of the six ticks of a request calls the runtime, property by property. A request with one
 * flag then costs about a tenth more, by the chance of when memory is collected; see docs/decisions/tick-shape.md.
 */
import { AsyncResource } from 'node:async_hooks';

const symbols = Object.getOwnPropertySymbols(new AsyncResource('HalyardTickShape'));
const named = (name: string): symbol => symbols.find(({ description }) => description === name) ?? Symbol(name);

/**
 * Made like the runtime's own: the same members in the same order, and ids that are no whole numbers, as the runtime reads its own from
 * an array of doubles. In a runtime that makes ticks otherwise it is of no use, and no harm.
 */
export const tick = {
  [named('async_id_symbol')]: 0.5,
  [named('trigger_async_id_symbol')]: 0.5,
  callback: named,
  args: undefined,
};
