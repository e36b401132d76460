import { ExactNumber } from '@halyard/json';

/** A share as it stands in a draft, as a number; NaN: it is not chosen yet. */
export function percentOf(share: unknown): number {
  if (typeof share === 'number') return share;
  return share instanceof ExactNumber ? share.value : Number.NaN;
}

const format = new Intl.NumberFormat('en', { maximumFractionDigits: 4 });

export function percentWords(share: number): string {
  return `${format.format(share)} %`;
}
