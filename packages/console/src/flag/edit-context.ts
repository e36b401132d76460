import type { Names } from '@halyard/engine/review';
import { createContext, use } from 'react';
import type { KnownNames } from './names.ts';
import type { Problem } from './places.ts';

/** What every part of the editor may have to look up. */
export interface EditContext {
  readonly project: string;
  /** The flag that is edited; null: it is not made yet. */
  readonly flagId: number | null;
  readonly known: KnownNames | undefined;
  readonly names: Names;
  /** IANA name of the project's zone. */
  readonly timezone: string;
  readonly problems: readonly Problem[];
}

export const EditContext = createContext<EditContext | null>(null);

export function useEdit(): EditContext {
  const context = use(EditContext);
  if (context === null) throw new Error('A part of the editor stands outside of it.');
  return context;
}
