import { useSyncExternalStore } from 'react';

/** A choice that this browser keeps. */
export interface KeptChoice {
  /** What is chosen, also in other windows; the page is drawn anew when it changes. */
  readonly use: () => string;
  readonly get: () => string;
  readonly set: (choice: string) => void;
}

/** @param place where it is kept; @param initial what holds before anything was chosen */
export function keptChoice(place: string, initial: string): KeptChoice {
  const listeners = new Set<() => void>();
  let last: string | undefined;
  const get = (): string => {
    try {
      return localStorage.getItem(place) ?? last ?? initial;
    } catch {
      // Where nothing may be stored the choice lasts as long as the page.
      return last ?? initial;
    }
  };
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    globalThis.addEventListener('storage', listener);
    return () => {
      listeners.delete(listener);
      globalThis.removeEventListener('storage', listener);
    };
  };
  return {
    use: () => useSyncExternalStore(subscribe, get),
    get,
    set: (choice) => {
      last = choice;
      try {
        localStorage.setItem(place, choice);
      } catch {
        // As above.
      }
      for (const listener of listeners) listener();
    },
  };
}
