import { useState } from 'react';
import type { Asked } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { AskedForm } from './asked-form.tsx';
import { withTarget } from './edit.ts';
import { CopyAsked, Explained } from './explained.tsx';
import type { Flag, FlagFields } from './flag.ts';

interface TryPanelProps {
  readonly project: string;
  readonly flag: Flag;
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** What somebody gets while the flag is edited: saved and drafted side by side (K22). */
export function TryPanel({ project, flag, fields, onChange }: TryPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const [asked, ask] = useState<Asked | null>(null);
  return (
    <details className="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Try it for somebody</h2>
      </summary>
      {isOpen && (
        <div className="stack">
          <AskedForm initial={{}} onAsked={ask} />
          {asked !== null && (
            <>
              <div className="row wrap tight">
                <Button onPress={() => onChange(withTarget(fields, asked.distinctId))}>Target only this user</Button>
                <CopyAsked project={project} asked={asked} flag={flag.key} />
              </div>
              <Explained project={project} asked={asked} flag={flag} draft={fields} />
            </>
          )}
        </div>
      )}
    </details>
  );
}
