import { useState } from 'react';
import { Button } from './controls.tsx';

interface CopyButtonProps {
  readonly children: string;
  /** What it is called where its text alone says too little. */
  readonly label?: string;
  readonly text: string;
}

/** Puts a text into the clipboard, and says so. Where the browser keeps that closed the text can be selected. */
export function CopyButton({ children, label, text }: CopyButtonProps) {
  const [copied, setCopied] = useState<string | null>(null);
  return (
    <Button
      look="plain"
      {...(label === undefined ? {} : { 'aria-label': label })}
      onPress={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(text),
          () => setCopied(null),
        );
      }}
    >
      {copied === text ? 'Copied' : children}
    </Button>
  );
}
