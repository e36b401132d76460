import { useState } from 'react';
import { Button } from '../design/controls.tsx';

/** A text that is copied with one press. */
export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <div className="row tight copyable">
      <code className="grow">{text}</code>
      <Button
        aria-label={`Copy: ${label}`}
        onPress={() =>
          void navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}

/** A secret that is shown this once (K73). */
export function NewSecret({
  label,
  value,
  place,
}: {
  readonly label: string;
  readonly value: string;
  readonly place: string;
}) {
  return (
    <div className="notice good stack tight" role="status">
      <p>
        <strong>{label}</strong>: copy it now. It will not be shown again.
      </p>
      <Copyable label={label} text={value} />
      <p className="quiet small">{place}</p>
    </div>
  );
}
