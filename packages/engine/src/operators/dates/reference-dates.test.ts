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

describe('hostile texts', () => {
  const blanks = (size: number) => ' '.repeat(size);
  const ones = (size: number) => '1'.repeat(size);

  it.each<[string, (size: number) => string]>([
    ['blanks', blanks],
    ['digits', ones],
    ['digits and a letter', (size) => `${ones(size)}x`],
    ['a long year', (size) => `+${ones(size)}-01-01`],
    ['a long fraction', (size) => `2024-06-01T12:34:56.${ones(size)}x`],
    ['blanks before a time', (size) => `2024-06-01${blanks(size)}x`],
    ['blanks before a zone', (size) => `2024-06-01 12:34${blanks(size)}!`],
    ['blanks twice', (size) => `2024-06-01${blanks(size)}12:34${blanks(size)}!`],
    ['blanks after a bare time', (size) => `12:34${blanks(size)}!`],
    ['blanks around am', (size) => `12:34${blanks(size)}am${blanks(size)}!`],
    ['blanks before at', (size) => `May 6${blanks(size)}a`],
    ['blanks around at', (size) => `May 6${blanks(size)}at${blanks(size)}9:24${blanks(size)}!`],
    ['blanks after a comma', (size) => `May 6,${blanks(size)}2009${blanks(size)},${blanks(size)}!`],
    ['blanks before a year', (size) => `6 May${blanks(size)}2009,${blanks(size)}!`],
    ['blanks in a mail date', (size) => `Sat,${blanks(size)}1 Jun${blanks(size)}2024${blanks(size)}!`],
    ['open comments', (size) => `1 Jun 2024 12:34 GMT ${'('.repeat(size)}`],
    ['many comments', (size) => `1 Jun 2024 12:34 GMT ${'(a)'.repeat(size)}x`],
    ['deep comments', (size) => `1 Jun 2024 12:34 GMT ${'('.repeat(size)}${')'.repeat(size)}`],
    ['backslashes', (size) => `1 Jun 2024 12:34 GMT (${'\\'.repeat(size)}`],
    ['points', (size) => '1.'.repeat(size)],
    ['points and digits', (size) => '9.99 '.repeat(size)],
    ['many log timestamps', (size) => '171113 '.repeat(size)],
    ['blanks in a log timestamp', (size) => `171113${blanks(size)}!`],
    ['slashes', (size) => `4/8/2014${blanks(size)}22:05${blanks(size)}!`],
    ['letters', (size) => `12 ${'a'.repeat(size)}`],
    ['commas', (size) => `May 6, 2009 ${', '.repeat(size)}`],
  ])('E117: %s cost time in proportion to their length', (_what, make) => {
    // Eight times the length; a quadratic reader would take 64 times as long. The fastest of many reads counts, and a busy
    // machine gets more tries: they can only bring a linear reader below the bound.
    const short = make(8_000);
    const long = make(64_000);
    let shortest = timed(short);
    let longest = timed(long);
    const ratio = () => longest / Math.max(shortest, 0.05);
    for (let spent = longest; ratio() > 24 && spent < 2_000; spent += longest) {
      shortest = Math.min(shortest, timed(short));
      longest = Math.min(longest, timed(long));
    }
    expect(ratio()).toBeLessThan(24);
  });

  /** Milliseconds of one read. */
  function timed(text: string): number {
    const start = performance.now();
    readInstant(text, zoneOf('UTC'), 1e12, out);
    return performance.now() - start;
  }
});
