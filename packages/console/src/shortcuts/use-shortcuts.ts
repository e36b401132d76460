import { useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { focusSoon, isTyping, isWindowOpen, moveRow, shortcutsKept } from './shortcuts.ts';

/** Which window shortcuts have opened. */
export type ShortcutWindow = 'palette' | 'list' | null;

const searchField = 'main input[type=search]';

/** Listens to the keys of K61 on the pages of a project, and says which window they have opened. */
export function useShortcuts(project: string | undefined): readonly [ShortcutWindow, (open: ShortcutWindow) => void] {
  const [open, setOpen] = useState<ShortcutWindow>(null);
  const isOn = shortcutsKept.use() === 'on';
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { key } = useParams({ strict: false });
  useEffect(() => {
    if (project === undefined || !isOn) return undefined;
    const params = { project };
    // Below /p/{project}: flags, and which of them.
    const [kind, one] = pathname.split('/').slice(3);
    const search = (): void => {
      if (document.querySelector(searchField) === null) void navigate({ to: '/p/$project/flags', params, search: {} });
      focusSoon(searchField);
    };
    const edit = (): void => {
      if (key === undefined) return;
      void navigate({ to: '/p/$project/flags/$key', params: { project, key }, search: {} });
      // Not the key: who changes that by mistake loses the flag in his code.
      focusSoon('main [data-place=name] input');
    };
    const back = (): void => {
      if (one === undefined) return;
      if (kind === 'flags') void navigate({ to: '/p/$project/flags', params, search: {} });
      if (kind === 'cohorts') void navigate({ to: '/p/$project/cohorts', params, search: {} });
    };
    const keys: Readonly<Record<string, () => void>> = {
      '/': search,
      '?': () => setOpen('list'),
      Escape: back,
      e: edit,
      j: () => moveRow(1),
      k: () => moveRow(-1),
      n: () => void navigate({ to: '/p/$project/flags/new', params }),
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.altKey || isWindowOpen()) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key !== 'k') return;
        event.preventDefault();
        setOpen('palette');
        return;
      }
      const run = Object.hasOwn(keys, event.key) && !isTyping(event.target) ? keys[event.key] : undefined;
      if (run === undefined) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [project, isOn, pathname, key, navigate]);
  return [open, setOpen];
}
