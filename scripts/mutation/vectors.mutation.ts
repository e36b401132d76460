import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineDoor } from '../../conformance/src/doors/engine.ts';
import { Report } from '../../conformance/src/report.ts';
import { runFiles } from '../../conformance/src/run.ts';
import { ownVectors, readVectorFiles } from '../../conformance/src/vectors.ts';

/** The vectors through the engine alone, one test per file; the suite of conformance/ starts servers besides. */
describe('the vectors', () => {
  const names = readdirSync(ownVectors).filter((name) => name.endsWith('.json') && name !== 'response-projection.json');
  it.each(names)('of %s', async (name) => {
    const lines: string[] = [];
    const files = await readVectorFiles(join(ownVectors, name));
    await runFiles(files, new EngineDoor(), new Report((line) => lines.push(line)));
    expect(lines.filter((line) => line.includes('FAILED'))).toEqual([]);
  });
});
