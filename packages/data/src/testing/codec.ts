import type { JsonCodec } from '../ports.ts';

/** Enough for tests that have no number whose text matters; the engine's own codec is the host's to give. */
export const plainCodec: JsonCodec = {
  parse: (text) => JSON.parse(text) as ReturnType<JsonCodec['parse']>,
  text: (value) => JSON.stringify(value),
};
