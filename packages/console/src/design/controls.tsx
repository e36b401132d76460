import { type ReactNode, useId } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
} from 'react-aria-components';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'isPending'> {
  readonly look?: 'primary' | 'danger' | 'plain' | 'icon' | undefined;
  /**
   * What it does is being done: it does nothing more, and keeps the focus, which a button that is disabled loses. Its text says what is going
   * on; the library's own state wants a progress bar to announce.
   */
  readonly isPending?: boolean | undefined;
}

const nothing = (): void => undefined;

export function Button({ look, isPending = false, ...props }: ButtonProps) {
  const looks = look === undefined ? '' : look === 'icon' ? ' plain icon' : ` ${look}`;
  const idle = isPending ? { onPress: nothing, onPressStart: nothing, type: 'button' as const } : {};
  return <AriaButton {...props} {...idle} className={`button${looks}${isPending ? ' pending' : ''}`} />;
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  readonly type?: 'text' | 'email' | 'password' | 'search' | undefined;
  readonly autoComplete?: string | undefined;
  readonly autoFocus?: boolean | undefined;
  readonly isRequired?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly lines?: number | undefined;
  readonly mono?: boolean | undefined;
  /** The label is there for those who do not see the page. */
  readonly hideLabel?: boolean | undefined;
  readonly placeholder?: string | undefined;
  /** What may be meant; anything else may be typed, too. */
  readonly suggestions?: readonly string[] | undefined;
  readonly onFocus?: (() => void) | undefined;
}

/** A labelled field of text, with what is wrong below it (K39). */
export function TextField(props: TextFieldProps) {
  const { label, hint, error, lines, mono, hideLabel, placeholder, autoFocus, suggestions, ...field } = props;
  const list = useId();
  const look = mono === true ? 'mono' : '';
  return (
    <AriaTextField
      {...given(field)}
      className="field"
      isInvalid={error !== undefined && error !== null}
      validationBehavior="aria"
    >
      <Label className={hideLabel === true ? 'visually-hidden' : ''}>{label}</Label>
      {lines === undefined ? (
        <Input
          className={look}
          autoFocus={autoFocus ?? false}
          placeholder={placeholder ?? ''}
          {...(suggestions === undefined ? {} : { list })}
        />
      ) : (
        <TextArea className={look} rows={lines} placeholder={placeholder ?? ''} />
      )}
      {suggestions !== undefined && (
        <datalist id={list}>
          {suggestions.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </datalist>
      )}
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
    </AriaTextField>
  );
}

/** Members that are undefined left out, as the controls want it. */
function given<Props extends object>(props: Props): { [Name in keyof Props]: Exclude<Props[Name], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as never;
}

export interface Choice {
  readonly id: string;
  readonly text: string;
  /** Choices of one group stand together, under its name. */
  readonly group?: string | undefined;
}

interface ChooserProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (id: string) => void;
  readonly hideLabel?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** One of a few: the browser's own control, which every reader, phone and keyboard knows. */
export function Chooser({ label, value, choices, onChange, hideLabel, isDisabled }: ChooserProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel === true ? 'visually-hidden' : ''}>
        {label}
      </label>
      <select id={id} value={value} disabled={isDisabled ?? false} onChange={(event) => onChange(event.target.value)}>
        {choices.every((choice) => choice.id !== value) && <option value={value}>{value}</option>}
        {grouped(choices).map(([group, members]) =>
          group === '' ? (
            members.map(option)
          ) : (
            <optgroup key={group} label={group}>
              {members.map(option)}
            </optgroup>
          ),
        )}
      </select>
    </div>
  );
}

const option = ({ id, text }: Choice) => (
  <option key={id} value={id}>
    {text}
  </option>
);

function grouped(choices: readonly Choice[]): readonly (readonly [string, readonly Choice[]])[] {
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) groups.set(choice.group ?? '', [...(groups.get(choice.group ?? '') ?? []), choice]);
  return [...groups];
}
