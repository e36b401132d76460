import { randomBytes } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits that nobody guesses: six bits each, nearly. */
export function randomText(length = 43): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // The first 248 are four times the alphabet, so none is likelier than another.
      if (byte < 248 && text.length < length) text += LETTERS[byte % 62] ?? '';
    }
  }
  return text;
}
