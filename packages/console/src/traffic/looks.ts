/** How the line of a value is drawn: by colour and by dashes, so that neither is needed alone. */
export interface Look {
  /** Name of a token. */
  readonly colour: string;
  /** Pixels of line and gap, in turn; none: unbroken. */
  readonly dash: readonly number[];
}

const looks: readonly Look[] = [
  { colour: '--accent', dash: [] },
  { colour: '--good', dash: [8, 4] },
  { colour: '--warn', dash: [2, 3] },
  { colour: '--bad', dash: [12, 3, 2, 3] },
  { colour: '--text-quiet', dash: [4, 4] },
];

/** @param at place of the value, from 0 */
export function lookOf(at: number): Look {
  return looks[at % looks.length] as Look;
}
