import { Button } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { shortcuts } from './shortcuts.ts';
import { ShortcutsSwitch } from './shortcuts-switch.tsx';
import './shortcuts.css';

/** What keys do, and the way to switch them off (K61). */
export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog
      title="Keyboard shortcuts"
      isOpen
      onClose={onClose}
      footer={
        <Button look="primary" onPress={onClose} autoFocus>
          Close
        </Button>
      }
    >
      <dl className="shortcuts">
        {shortcuts.map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet small">While you type, letters are letters.</p>
      <ShortcutsSwitch />
    </Dialog>
  );
}
