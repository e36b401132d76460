import {
  Group,
  Input,
  Label,
  NumberField,
  Slider,
  SliderOutput,
  SliderThumb,
  SliderTrack,
} from 'react-aria-components';

interface ShareFieldProps {
  readonly label: string;
  /** Percent; NaN: not chosen yet. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** Slider and number together: arrow keys move it by 1, with Shift or as Page Up and Page Down by 10; empty is not 0 (K34). */
export function ShareField({ label, value, onChange }: ShareFieldProps) {
  const isChosen = Number.isFinite(value);
  return (
    <div className="row share grow">
      <Slider
        aria-label={label}
        value={isChosen ? value : 0}
        minValue={0}
        maxValue={100}
        step={1}
        onChange={onChange}
        className="slider"
      >
        <SliderTrack className="slider-track">
          {({ state }) => (
            <>
              <div className="slider-fill" style={{ width: `${state.getThumbPercent(0) * 100}%` }} />
              <SliderThumb className="slider-thumb" />
            </>
          )}
        </SliderTrack>
        <SliderOutput className="visually-hidden" />
      </Slider>
      <NumberField
        value={value}
        minValue={0}
        maxValue={100}
        step={0.01}
        formatOptions={{ maximumFractionDigits: 4 }}
        onChange={onChange}
        isInvalid={!isChosen}
        className="field share-number"
      >
        <Label className="visually-hidden">{label}, percent</Label>
        <Group className="row tight">
          <Input className="mono" placeholder="…" />
          <span>%</span>
        </Group>
      </NumberField>
      {!isChosen && <span className="error">Choose a share</span>}
    </div>
  );
}
