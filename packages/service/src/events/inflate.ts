import * as zlib from 'node:zlib';
import type { Inflate, Inflated } from '@halyard/people';

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** zstd came with Node 22.15 and 23.8. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Unpack };

const UNPACK: Readonly<Record<Inflate['format'], Unpack | undefined>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Unpacks what `receive` asks for, at once. A bomb costs no more than the limit. */
export function inflate({ format, bytes, limit }: Inflate): Inflated {
  const unpack = UNPACK[format];
  if (unpack === undefined) return 'unknown_format';
  try {
    return unpack(bytes, { maxOutputLength: limit });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'broken';
  }
}
