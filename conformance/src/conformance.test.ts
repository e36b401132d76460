import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from './doors/door.ts';
import { openDoor } from './doors/doors.ts';
import { Report } from './report.ts';
import { isEvaluation, runFiles } from './run.ts';
import { readVectorFiles, vectorPlaces } from './vectors.ts';

const places = vectorPlaces(process.env['HALYARD_CONFORMANCE_DIR']);

describe.each([{ name: 'engine' }, { name: 'http' }])('the $name door', ({ name }) => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor(name);
  });
  afterAll(() => door.close());

  it('gives the answer of every vector', { timeout: 600_000 }, async () => {
    const lines: string[] = [];
    const report = new Report((line) => lines.push(line));
    const files = (await Promise.all(places.map(readVectorFiles))).flat();
    await runFiles(files, door, report);
    expect(lines.filter((line) => line.includes('FAILED'))).toEqual([]);
    // Vectors about parts of the engine have no request, so a door may lack them; everything else must have been asked.
    const all = files.flatMap((file) => file.vectors);
    const unasked = door.parts === undefined ? all.filter((vector) => !isEvaluation(vector)) : [];
    expect(report.passed).toBe(all.length - unasked.length);
    expect(report.skipped).toBe(unasked.length);
  });
});

describe('the report', () => {
  const boundary = { list: 'thresholds', data: { hash: 0.5, rollout_percentage: 50, included: false } } as const;

  it('counts a wrong expectation as a failure and says what it got', async () => {
    const lines: string[] = [];
    const report = new Report((line) => lines.push(line));
    const door = await openDoor('engine');
    await runFiles([{ name: 'wrong.json', vectors: [{ id: 'wrong.1', ...boundary }] }], door, report);
    expect(lines).toEqual(['  FAILED wrong.1: expected false, got true', 'wrong.json: 0 passed, 1 failed']);
    expect(report.summary()).toBe('0 passed, 1 failed');
  });

  it('fails a vector of an unknown form instead of passing over it', async () => {
    const report = new Report(() => undefined);
    await runFiles(
      [{ name: 'odd.json', vectors: [{ id: 'odd.1', list: 'riddles', data: {} }] }],
      await openDoor('engine'),
      report,
    );
    expect(report.summary()).toBe('0 passed, 1 failed');
  });
});
