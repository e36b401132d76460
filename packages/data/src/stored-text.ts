/** PostHog's distinct ids, group keys, flag keys and hash keys are `varchar(400)` (D9, D22, D23, D26). */
const longest = 400;

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Whether PostgreSQL can hold this text in a `varchar(400)` column. Text with NUL, lone surrogates or more than 400
 * characters cannot be stored, so nothing of that name can be found either: it is known to be absent, not an error.
 */
export function canBeStored(text: string): boolean {
  return fits(text) && isDatabaseText(text);
}

/** Whether PostgreSQL takes the text at all: neither NUL nor half a surrogate pair (which the driver would replace). */
export function isDatabaseText(text: string): boolean {
  return !text.includes('\0') && !loneSurrogate.test(text);
}

function fits(text: string): boolean {
  if (text.length <= longest) return true;
  if (text.length > longest * 2) return false;
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters <= longest;
}

const highest = 2 ** 31 - 1;

/** Whether a number fits PostgreSQL's `integer`; ids beyond it name nothing (D3). */
export function isInteger32(value: number): boolean {
  return Number.isInteger(value) && value >= -highest - 1 && value <= highest;
}
