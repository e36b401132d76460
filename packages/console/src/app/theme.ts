import { useSyncExternalStore } from 'react';

const place = 'halyard-theme';
const listeners = new Set<() => void>();

function stored(): string {
  try {
    return localStorage.getItem(place) ?? 'system';
  } catch {
    return 'system';
  }
}

function setTheme(theme: string): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  else delete document.documentElement.dataset['theme'];
  try {
    localStorage.setItem(place, theme);
  } catch {
    // Where nothing may be stored the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

/** The theme: the system's, unless one was chosen here (K63). `public/theme.js` sets it before the page is drawn. */
export function useTheme(): { readonly theme: string; readonly setTheme: (theme: string) => void } {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, stored);
  return { theme, setTheme };
}
