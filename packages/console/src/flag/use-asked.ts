import { useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import type { Asked } from '../api/queries.ts';

/** For whom to explain, as it stands in the address of a page (K21). */
export interface AskedSearch {
  readonly user?: string;
  readonly person?: Readonly<Record<string, unknown>>;
  readonly groups?: Readonly<Record<string, unknown>>;
}

/** Reads it from an address. */
export function askedSearch(search: Record<string, unknown>): AskedSearch {
  const { user, person, groups } = search;
  return {
    ...(typeof user === 'string' ? { user } : typeof user === 'number' ? { user: String(user) } : {}),
    ...(isMembers(person) ? { person } : {}),
    ...(isMembers(groups) ? { groups } : {}),
  };
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

/** For whom a page explains; it stands in its address as well. */
export function useAsked(): readonly [Asked | null, (next: Asked | null) => void] {
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = useCallback(
    (next: Asked | null) => {
      setAsked(next);
      if (next === null) return;
      const { distinctId: user, personProperties: person, groups } = next;
      void navigate({ to: '.', search: askedSearch({ user, person, groups }), replace: true });
    },
    [navigate],
  );
  return [asked, ask];
}
