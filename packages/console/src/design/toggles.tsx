import type { ReactNode } from 'react';

interface SwitchProps {
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean | undefined;
}

/** On or off: the browser's own box, told as a switch. */
export function Switch({ children, isSelected, onChange, isDisabled }: SwitchProps) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={isSelected}
        className="visually-hidden"
        checked={isSelected}
        disabled={isDisabled ?? false}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="track" aria-hidden="true" />
      {children}
    </label>
  );
}

interface RadioProps {
  readonly name: string;
  readonly label: string;
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

/** One of some that are shown whole. */
export function Radio({ name, label, children, isSelected, onSelect }: RadioProps) {
  return (
    <label className="radio" data-selected={isSelected ? '' : undefined}>
      <span className="row tight">
        <input type="radio" name={name} checked={isSelected} onChange={onSelect} />
        <span className="label">{label}</span>
      </span>
      {children}
    </label>
  );
}
