import { useEffect, useRef } from 'react';
import { Button } from './controls.tsx';

const HELD_MS = 1_000;

interface HoldButtonProps {
  readonly children: string;
  readonly isDisabled: boolean;
  readonly onHeld: () => void;
}

/** Does something when it was pressed for a second, by mouse, finger or key (K12). */
export function HoldButton({ children, isDisabled, onHeld }: HoldButtonProps) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Button
      look="danger"
      isDisabled={isDisabled}
      onPressStart={() => {
        timer.current = setTimeout(onHeld, HELD_MS);
      }}
      onPressEnd={() => clearTimeout(timer.current)}
    >
      {children}
    </Button>
  );
}
