import type { Position } from '@halyard/data';

/** The header in which a Halyard says how far its store had come when the definitions were read. */
export const POSITION_HEADER = 'halyard-position';

const FORM = /^([rw])(\d{1,15}|-)\.(\d{1,15}|-)$/;

/** Such as `w1234.1230`: at a primary, transactions of the definitions and of the group types; `-` where nothing is known. */
export function positionText({ main, persons, replica }: Position): string {
  return `${replica ? 'r' : 'w'}${main ?? '-'}.${persons ?? '-'}`;
}

/** Undefined: nobody said, or in words of another version. */
export function positionFrom(text: string | null): Position | undefined {
  const [, side, main, persons] = FORM.exec(text ?? '') ?? [];
  if (main === undefined || persons === undefined) return undefined;
  const part = (digits: string) => (digits === '-' ? null : Number(digits));
  return { main: part(main), persons: part(persons), replica: side === 'r' };
}
