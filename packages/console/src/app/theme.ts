import { keptChoice } from './kept-choice.ts';

const kept = keptChoice('halyard-theme', 'system');

/** @param theme `light`, `dark`, or `system` */
export function setTheme(theme: string): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  else delete document.documentElement.dataset['theme'];
  kept.set(theme);
}

/** The theme: the system's, unless one was chosen here (K63). `public/theme.js` sets it before the page is drawn. */
export const useTheme = kept.use;
