import { givenWords, joined, percent } from './words.ts';

export interface Share {
  /** What people read: a variant's key in quotes, or the value that it stands for. */
  readonly name: string;
  /** In percent: what is left for it of what it says (E18). */
  readonly share: number;
}

/** What each variant gets of all: weights in stored order up to 100 %, whatever comes beyond is nobody's (E18). */
export function sharesOf(variants: readonly { readonly key: string; readonly weight: number }[]): readonly Share[] {
  let before = 0;
  return variants.map(({ key, weight }) => {
    const after = before + weight;
    const share = Math.max(0, Math.min(100, after) - Math.min(100, Math.max(0, before)));
    before = after;
    return { name: givenWords(key), share };
  });
}

/** `half get "a" and half "b"`; null: nobody gets a variant. */
export function shareWords(shares: readonly Share[], rest: string): string | null {
  const given = shares.filter(({ share }) => share > 0);
  const [first] = given;
  if (first === undefined) return null;
  const left = 100 - given.reduce((sum, { share }) => sum + share, 0);
  if (given.length === 1 && left < 0.01) return `all get ${first.name}`;
  const halves = given.length === 2 && given.every(({ share }) => share === 50);
  const parts = given.map(
    ({ name, share }, at) => `${halves ? 'half' : percent(share)}${at === 0 ? ' get' : ''} ${name}`,
  );
  // Weights such as 33.3, 33.3 and 33.4 add up to a little less than 100.
  return joined(left < 0.01 ? parts : [...parts, `${percent(left)} ${rest}`]);
}
