import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Text } from 'react-aria-components';

/** Something to choose. */
export interface Option {
  readonly id: string;
  /** What stands in the field when it is chosen. */
  readonly text: string;
  /** More of it, in quiet letters. */
  readonly note?: string | undefined;
}

interface ComboProps {
  readonly label: string;
  readonly text: string;
  readonly onType: (text: string) => void;
  readonly onPick: (id: string) => void;
  readonly options: readonly Option[];
  readonly placeholder?: string | undefined;
  readonly onFocus?: (() => void) | undefined;
  readonly onBlur?: (() => void) | undefined;
  readonly onKeyDown?: React.KeyboardEventHandler<HTMLInputElement> | undefined;
  readonly onPaste?: React.ClipboardEventHandler<HTMLInputElement> | undefined;
  readonly isInvalid?: boolean | undefined;
}

/** A field of text that offers what may be meant; anything else may be typed, too (K33). */
export function Combo({ label, text, onType, onPick, options, placeholder, isInvalid, ...events }: ComboProps) {
  return (
    <ComboBox
      className="field combo"
      inputValue={text}
      onInputChange={onType}
      items={options}
      value={null}
      onChange={(id) => {
        if (id !== null) onPick(String(id));
      }}
      allowsCustomValue
      allowsEmptyCollection={false}
      defaultFilter={() => true}
      menuTrigger="focus"
      isInvalid={isInvalid ?? false}
      validationBehavior="aria"
      onFocus={events.onFocus ?? (() => undefined)}
      onBlur={events.onBlur ?? (() => undefined)}
    >
      <Label className="visually-hidden">{label}</Label>
      <Input
        className="mono"
        placeholder={placeholder ?? ''}
        {...(events.onKeyDown === undefined ? {} : { onKeyDown: events.onKeyDown })}
        {...(events.onPaste === undefined ? {} : { onPaste: events.onPaste })}
      />
      <Popover className="options" offset={2}>
        <ListBox<Option> className="option-list">
          {({ id, text: name, note }) => (
            <ListBoxItem id={id} textValue={name} className="option">
              <Text slot="label" className="mono">
                {name}
              </Text>
              {note !== undefined && (
                <Text slot="description" className="quiet small">
                  {note}
                </Text>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
