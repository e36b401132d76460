import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucket,
  bucketingHash,
  hashPacked,
  isInRollout,
  packPrefix,
  pickVariant,
  variantBoundaries,
} from './bucketing.ts';
import { ROLLOUT, Subject, VARIANT } from './subject.ts';

/** E15 written the slow way, with the platform's SHA-1. */
function referenceHash(text: string): number {
  const digits = createHash('sha1').update(text, 'utf8').digest('hex').slice(0, 15);
  return Number(BigInt(`0x${digits}`)) / Number(0xfffffffffffffffn);
}

describe('bucketing hash', () => {
  it.each([
    ['beta-search-rollout.', 'user-61', '', 0.0042305989144046955],
    ['checkout-layout.', 'user-61', 'variant', 0.5698252224547713],
    ['holdout-', '', '', 0.9268829483920294],
    ['my-flag.', '日本', '', 0.5613118897419629],
  ])('E23: %s%s%s hashes to the published figure', (prefix, subject, salt, expected) => {
    expect(bucketingHash(prefix, subject, salt)).toBe(expected);
  });

  it('E15: agrees with the platform for any prefix, subject and salt, at every block boundary', () => {
    const subject = new Subject();
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.string({ unit: 'binary', maxLength: 90 }),
        (prefix, text) => {
          const packed = packPrefix(prefix);
          subject.set(text);
          expect(bucket(packed, subject, ROLLOUT)).toBe(text === '' ? 0 : referenceHash(prefix + text));
          expect(bucket(packed, subject, VARIANT)).toBe(text === '' ? 0 : referenceHash(`${prefix}${text}variant`));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('E15: agrees with the platform for every length around one and two blocks', () => {
    for (let length = 1; length < 200; length++) {
      const text = 'x'.repeat(length);
      expect(bucketingHash('k.', text, '')).toBe(referenceHash(`k.${text}`));
    }
  });

  it('E15: a lone surrogate hashes as U+FFFD, as UTF-8 encoders write it', () => {
    expect(bucketingHash('k.', 'a\ud800b', '')).toBe(referenceHash('k.a\ufffdb'));
  });

  it('E15: agrees with the platform for the first and last code point of every length in UTF-8', () => {
    const edges = ['\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    for (const edge of edges) {
      const text = `a${edge}b${edge}`;
      expect([edge, bucketingHash('k.', text, '')]).toEqual([edge, referenceHash(`k.${text}`)]);
      expect([edge, bucketingHash(`${text}.`, 'u', '')]).toEqual([edge, referenceHash(`${text}.u`)]);
    }
    for (const lone of ['\ud800', '\udbff', '\udc00', '\udfff']) {
      expect([lone, bucketingHash('k.', `a${lone}b`, '')]).toEqual([lone, referenceHash('k.a\ufffdb')]);
    }
  });

  it('E15: agrees with the platform for texts that need more room than there is, and for short ones after them', () => {
    const subject = new Subject();
    for (const letter of ['x', '日', '🚩']) {
      for (let length = 0; length < 90; length++) {
        const [prefix, text] = [letter.repeat(length % 13), letter.repeat(length)];
        const packed = packPrefix(prefix);
        const wide = packPrefix(text);
        expect(hashPacked(packed, subject.set(text), VARIANT)).toBe(referenceHash(`${prefix}${text}variant`));
        expect(hashPacked(packed, subject, ROLLOUT)).toBe(referenceHash(prefix + text));
        expect(hashPacked(wide, subject.set('u'), VARIANT)).toBe(referenceHash(`${text}uvariant`));
      }
    }
    for (const length of [4_000, 4_100, 20_000, 1]) {
      const text = 'x'.repeat(length);
      for (const _again of [1, 2])
        expect(hashPacked(packPrefix('k.'), subject.set(text), ROLLOUT)).toBe(referenceHash(`k.${text}`));
    }
  });

  it('E15: one subject serves many prefixes, and a new text forgets the old one', () => {
    const subject = new Subject().set('a-rather-long-distinct-id');
    const hashes = ['a.', 'ab.', 'abc.', 'abcd.'].map((prefix) => bucket(packPrefix(prefix), subject, ROLLOUT));
    expect(hashes).toEqual(['a.', 'ab.', 'abc.', 'abcd.'].map((p) => referenceHash(`${p}a-rather-long-distinct-id`)));
    subject.set('u');
    expect(bucket(packPrefix('abcd.'), subject, ROLLOUT)).toBe(referenceHash('abcd.u'));
  });

  it('E22: the empty text, which a holdout hashes, is forgotten like any other', () => {
    const subject = new Subject();
    for (const text of ['', 'u', '', 'user-61', '']) {
      expect(hashPacked(packPrefix('holdout-'), subject.set(text), ROLLOUT)).toBe(referenceHash(`holdout-${text}`));
    }
  });

  it('E15: one prefix meets many texts, each with its own point', () => {
    const prefix = packPrefix('k.');
    const subject = new Subject();
    for (const text of ['ann', 'bob', 'ann', 'carl']) {
      for (const _again of [1, 2]) expect(bucket(prefix, subject.set(text), ROLLOUT)).toBe(referenceHash(`k.${text}`));
    }
  });

  it.each([1, 60, 5000, 20_000])('leaves nothing of a text of %i letters when it is wiped', (length) => {
    const prefix = packPrefix('k.');
    const subject = new Subject().set('s'.repeat(length));
    const packed = [0, 1, 2, 3].flatMap((shift) => [subject.packed(shift, ROLLOUT), subject.packed(shift, VARIANT)]);
    expect(bucket(prefix, subject, ROLLOUT)).toBe(referenceHash(`k.${'s'.repeat(length)}`));
    subject.wipe();
    expect(subject.text).toBe('');
    for (const { words } of packed) {
      expect(words.every((word) => word === 0)).toBe(true);
      expect(words.length).toBeLessThanOrEqual(1024);
    }
    expect(bucket(prefix, subject.set('u'), ROLLOUT)).toBe(referenceHash('k.u'));
    expect(bucketingHash('k.', 'x'.repeat(300), '')).toBe(referenceHash(`k.${'x'.repeat(300)}`));
  });
});

describe('rollout and variants', () => {
  it('E19: an empty subject is at 0, inside every rollout', () => {
    expect(bucket(packPrefix('k.'), new Subject().set(''), ROLLOUT)).toBe(0);
    expect(isInRollout(0, 0)).toBe(true);
  });

  it('E16: a rollout includes its threshold', () => {
    expect(isInRollout(0.5, 50)).toBe(true);
    expect(isInRollout(0.5000000000000001, 50)).toBe(false);
  });

  it('E17: 100 includes the point 1, and a negative percentage includes nobody but the empty rule', () => {
    expect(isInRollout(1, 100)).toBe(true);
    expect(isInRollout(0, -1)).toBe(false);
  });

  it('E18: variant boundaries are exclusive and may end below 1', () => {
    const boundaries = variantBoundaries([33.3, 33.3, 33.4]);
    expect(boundaries.at(-1)).toBe(0.9999999999999999);
    expect(pickVariant(0.333, boundaries)).toBe(1);
    expect(pickVariant(0.9999999999999999, boundaries)).toBe(-1);
  });
});
