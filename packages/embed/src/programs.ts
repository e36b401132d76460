import type { Definitions, FlagResult, Program } from '@halyard/engine';

/** A compiled project, and the results of it that the host may ask about. */
export interface LoadedProgram {
  readonly program: Program;
  readonly definitions: Definitions;
  readonly seen: (FlagResult | undefined)[];
}

const programs = new Map<number, LoadedProgram>();
let lastNumber = 0;

export function addProgram(program: Program, definitions: Definitions): number {
  lastNumber += 1;
  programs.set(lastNumber, { program, definitions, seen: [] });
  return lastNumber;
}

export function programOf(number: number): LoadedProgram {
  const loaded = programs.get(number);
  if (loaded === undefined) throw new RangeError(`no definitions are loaded under ${number}`);
  return loaded;
}

export function removeProgram(number: number): void {
  programs.delete(number);
}
