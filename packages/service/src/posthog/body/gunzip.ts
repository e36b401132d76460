import { gunzipSync } from 'node:zlib';
import { Failure } from '../wire/failure.ts';

/** Limit of the unpacked body (H30). Inflating stops there, so a bomb costs no more than this. */
export const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;

/** Unpacks gzip in one go: at 4 MiB at most, a thread hand-over would cost more than it saves. */
export function gunzip(bytes: Uint8Array): Uint8Array | Failure {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    const tooLarge = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return new Failure(tooLarge ? 'body_expands_too_far' : 'gzip_broken');
  }
}

/** Whether the bytes begin like a gzip stream (H32). */
export function looksGzipped(bytes: Uint8Array): boolean {
  return bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}
