import { keptChoice } from '../app/kept-choice.ts';

/** What keys do (K61). */
export const shortcuts: readonly { readonly keys: readonly string[]; readonly what: string }[] = [
  { keys: ['/'], what: 'Search' },
  { keys: ['j', 'k'], what: 'Next and previous row' },
  { keys: ['Enter'], what: 'Open the row' },
  { keys: ['n'], what: 'New flag' },
  { keys: ['e'], what: 'Edit the flag' },
  { keys: ['Ctrl+S'], what: 'Review what was changed' },
  { keys: ['Esc'], what: 'Back to the list' },
  { keys: ['Ctrl+K'], what: 'Go to a flag, cohort, user or page' },
  { keys: ['?'], what: 'This list' },
];

/** Whether keys do anything: `on` or `off`. */
export const shortcutsKept = keptChoice('halyard-shortcuts', 'on');

const fields =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=button]), textarea, select, [contenteditable=true]';

/** Whether a key is meant for what has the focus: somebody types, or chooses from a list by letters. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`${fields}, [role=listbox], [role=menu]`) !== null;
}

/** Whether a window is open over the page: keys are for it. */
export function isWindowOpen(): boolean {
  return document.querySelector('[role=dialog], [role=alertdialog]') !== null;
}

/** The links of the rows of the page's lists, in their order. */
function rowLinks(): readonly HTMLElement[] {
  return [...document.querySelectorAll('main tbody tr')].flatMap((row) => {
    const link = row.querySelector<HTMLElement>('th[scope=row] a, td a');
    return link === null ? [] : [link];
  });
}

/** Moves the focus to the link of the next row, or of the one before. */
export function moveRow(by: 1 | -1): void {
  const links = rowLinks();
  const row = document.activeElement?.closest('tr') ?? null;
  const at = links.findIndex((link) => row !== null && link.closest('tr') === row);
  const next = at === -1 ? (by === 1 ? 0 : links.length - 1) : at + by;
  links[next]?.focus();
}

/** Focuses the first element of a page that is about to be drawn, such as its field to search. */
export function focusSoon(selector: string): void {
  const focus = (): boolean => {
    const found = document.querySelector<HTMLElement>(selector);
    found?.focus();
    return found !== null;
  };
  if (focus()) return;
  const drawn = new MutationObserver(() => {
    if (focus()) drawn.disconnect();
  });
  drawn.observe(document.body, { childList: true, subtree: true });
  // A page without such an element keeps nobody waiting.
  setTimeout(() => drawn.disconnect(), 5_000);
}
