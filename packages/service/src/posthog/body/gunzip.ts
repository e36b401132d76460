import { gunzip as gunzipAside, gunzipSync } from 'node:zlib';
import { Failure } from '../wire/failure.ts';

/** Limit of the unpacked body (H30). Inflating stops there, so a bomb costs no more than this. */
export const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;

const LIMIT = { maxOutputLength: MAX_UNPACKED_BYTES };

/** Unpacks gzip at once: for a few kilobytes handing over to a thread would cost more than it saves. */
export function gunzip(bytes: Uint8Array): Uint8Array | Failure {
  try {
    return gunzipSync(bytes, LIMIT);
  } catch (error) {
    return failureOf(error);
  }
}

/** Unpacks gzip on a thread of its own. Never rejects. */
export function gunzipLarge(bytes: Uint8Array): Promise<Uint8Array | Failure> {
  return new Promise((resolve) => {
    gunzipAside(bytes, LIMIT, (error, plain) => resolve(error === null ? plain : failureOf(error)));
  });
}

/** Whether the bytes begin like a gzip stream (H32). */
export function looksGzipped(bytes: Uint8Array): boolean {
  return bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** How many bytes a gzip stream says that it holds: in its last four bytes, least significant first. It may lie. */
export function unpackedSize(bytes: Uint8Array): number {
  const { length } = bytes;
  return length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset, length).getUint32(length - 4, true);
}

function failureOf(error: unknown): Failure {
  const tooLarge = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  return new Failure(tooLarge ? 'body_expands_too_far' : 'gzip_broken');
}
