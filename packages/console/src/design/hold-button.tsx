import { useEffect, useRef } from 'react';
import { Button } from './controls.tsx';

const HELD_MS = 1_000;

interface HoldButtonProps {
  readonly children: string;
  readonly isDisabled: boolean;
  /** What it does is being done. */
  readonly isPending: boolean;
  readonly onHeld: () => void;
}

/** Does something when it was pressed for a second, by mouse, finger or key (K12). */
export function HoldButton({ children, isDisabled, isPending, onHeld }: HoldButtonProps) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Button
      look="danger"
      isDisabled={isDisabled}
      isPending={isPending}
      onPressStart={() => {
        timer.current = setTimeout(onHeld, HELD_MS);
      }}
      onPressEnd={() => clearTimeout(timer.current)}
    >
      {children}
    </Button>
  );
}
