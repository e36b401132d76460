import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where what a test needs is missing, the test fails there instead of being skipped. */
export const onBuildServer = !['', '0', 'false'].includes(process.env['CI'] ?? '');

/** A program on the path or where Debian puts servers; `null`: it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}
