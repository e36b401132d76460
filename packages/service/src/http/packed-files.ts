import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Headers, header } from './messages.ts';

/** A file as it is sent: as it is, and to who can unpack it. */
export interface PackedFile {
  readonly plain: Buffer;
  readonly packed: Buffer;
}

/** Files of a folder that are read and packed when they are first asked for, and held. */
export class PackedFiles {
  readonly #held = new Map<string, Promise<PackedFile>>();

  /** One that cannot be read is tried again by the next who asks. Rejects like `readFile`. */
  load(folder: string, name: string): Promise<PackedFile> {
    const file = join(folder, name);
    let held = this.#held.get(file);
    if (held === undefined) {
      held = read(file);
      this.#held.set(file, held);
      held.catch(() => this.#held.delete(file));
    }
    return held;
  }
}

async function read(file: string): Promise<PackedFile> {
  const plain = await readFile(file);
  return { plain, packed: await promisify(gzip)(plain) };
}

/** Whether who asks can unpack. */
export function takesPacked(headers: Headers): boolean {
  return (header(headers, 'accept-encoding') ?? '').includes('gzip');
}
