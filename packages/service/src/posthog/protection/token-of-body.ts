import type { HttpRequest } from '../../http/messages.ts';
import { header } from '../../http/messages.ts';

/** Beyond it reading the body twice would cost more than the limit saves. Bytes. */
const MOST_BYTES = 32 * 1024;

/** No project has a longer one (D7). */
const MOST_CHARACTERS = 200;

const NAMES = ['token', 'api_key', '$token'];

/** The token of a body that is plain JSON (H96); undefined: packed, a form, large or unreadable. */
export function tokenOfBody({ headers, body }: HttpRequest): string | undefined {
  if (body.length > MOST_BYTES || body[0] !== 0x7b /* { */ || header(headers, 'content-encoding') !== undefined)
    return undefined;
  try {
    const fields = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString()) as Record<
      string,
      unknown
    >;
    for (const name of NAMES) {
      const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (typeof value === 'string' && value !== '') return value.length > MOST_CHARACTERS ? undefined : value;
    }
  } catch {
    // Whoever reads the body says what is wrong with it.
  }
  return undefined;
}
