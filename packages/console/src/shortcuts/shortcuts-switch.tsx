import { Switch } from '../design/toggles.tsx';
import { shortcutsKept } from './shortcuts.ts';

/** Switches the keys of K61 on and off, in this browser. */
export function ShortcutsSwitch() {
  return (
    <Switch isSelected={shortcutsKept.use() === 'on'} onChange={(isOn) => shortcutsKept.set(isOn ? 'on' : 'off')}>
      Keyboard shortcuts
    </Switch>
  );
}
