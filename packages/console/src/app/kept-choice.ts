import { useSyncExternalStore } from 'react';

/** A choice that this browser keeps, or this tab. */
interface KeptChoice {
  /** What is chosen, also in other windows; the page is drawn anew when it changes. */
  readonly use: () => string;
  readonly get: () => string;
  readonly set: (choice: string) => void;
}

/**
 * @param place where it is kept
 * @param initial what holds before anything was chosen
 * @param storage whose; it may be closed to the page
 */
export function keptChoice(place: string, initial: string, storage: () => Storage = () => localStorage): KeptChoice {
  const listeners = new Set<() => void>();
  let last: string | undefined;
  const get = (): string => {
    try {
      return storage().getItem(place) ?? last ?? initial;
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
        storage().setItem(place, choice);
      } catch {
        // As above.
      }
      for (const listener of listeners) listener();
    },
  };
}
