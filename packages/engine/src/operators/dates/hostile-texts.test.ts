import { describe, expect, it } from 'vitest';
import { Instant, readInstant } from './read-instant.ts';
import { zoneOf } from './zone.ts';

const out = new Instant();

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
