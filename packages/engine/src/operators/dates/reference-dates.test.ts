import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant, readInstant } from './read-instant.ts';
// What the reference's own libraries make of a few hundred texts, so that nobody needs them to check this reader. Their
// versions are named in the file. Where they crash, on an offset of a day or more, the table says: no instant.
import table from './reference-dates.cases.json' with { type: 'json' };
import { zoneOf } from './zone.ts';

const out = new Instant();

/** ISO text of the second, and nanoseconds where there are any, with ten digits in a leap second; null for no instant. */
function read(text: string, zone: string, now: string | number): string | null {
  const moment = typeof now === 'string' ? Date.parse(now) : now;
  if (!readInstant(text, zoneOf(zone), moment, out)) return null;
  const second = new Date(out.seconds * 1000).toISOString().replace('.000Z', '');
  return out.nanos === 0 ? second : `${second}.${String(out.nanos).padStart(9, '0')}`;
}

const texts = table.sections.flatMap(({ dates }) => dates.map(([text]) => text as string));

describe('the reference’s answers', () => {
  it.each(table.sections)('E117: every text of the table, at $now', ({ now, dates }) => {
    expect(dates.length).toBeGreaterThan(50);
    const differing = dates
      .map(([text, zone, instant]) => ({ text, zone, instant, got: read(text as string, zone as string, now) }))
      .filter(({ instant, got }) => got !== instant);
    expect(differing).toEqual([]);
  });
});

describe('any text', () => {
  /** A text of the table with a few characters changed, so that most are nearly dates. */
  const nearly = fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(60), fc.nat(2), fc.constantFrom(...' 0123456789:-+/.,TZamPM(\u00a0\ufeff'.split(''))), {
        maxLength: 3,
      }),
    )
    .map(([text, edits]) =>
      edits.reduce((edited, [at, cut, unit]) => edited.slice(0, at) + unit + edited.slice(at + cut), text),
    );

  it('E117: is read alike after any other text', () => {
    fc.assert(
      fc.property(nearly, nearly, fc.constantFrom('UTC', 'Europe/Oslo'), (first, second, zone) => {
        const alone = read(second, zone, 1e12);
        read(first, zone, 1e12);
        expect(read(second, zone, 1e12)).toBe(alone);
      }),
      { numRuns: 2000 },
    );
  });

  it('E117: means the same at any time, unless it says that it moves with the clock', () => {
    fc.assert(
      fc.property(nearly, fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 4e12 }), (text, now, later) => {
        const first = read(text, 'UTC', now);
        if (out.usesNow) return;
        expect(read(text, 'UTC', later)).toBe(first);
        expect(out.usesNow).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
