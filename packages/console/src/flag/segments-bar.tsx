import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { shareSum, withMovedBorder } from './edit.ts';
import type { Variant } from './flag.ts';
import { percentOf, percentWords } from './percent.ts';

interface SegmentsBarProps {
  readonly variants: readonly Variant[];
  readonly onChange: (variants: readonly Variant[]) => void;
  /** The shares decide for nobody. */
  readonly isOverruled: boolean;
}

/** The shares of variants as one bar, whose borders can be moved by mouse and arrow keys (K35). */
export function SegmentsBar({ variants, onChange, isOverruled }: SegmentsBarProps) {
  const shares = variants.map(({ rollout_percentage: share }) => percentOf(share) || 0);
  const sum = shareSum(variants);
  const borders = shares
    .slice(0, -1)
    .map((_, at) => shares.slice(0, at + 1).reduce((total, share) => total + share, 0));
  const words = variants.map(({ key }, at) => `${key} ${percentWords(shares[at] ?? 0)}`).join(', ');
  const isWhole = Math.abs(sum - 100) <= 0.01;
  return (
    <div className={`segments${isOverruled ? ' overruled' : ''}`}>
      <div className="bar" role="img" aria-label={words}>
        {variants.map(({ key }, at) => (
          <div
            key={`${at} ${key}`}
            className={`segment s${at % 6}`}
            style={{ flex: `${Math.max(0, shares[at] ?? 0)} 0 0` }}
          >
            {(shares[at] ?? 0) >= 12 ? key : ''}
          </div>
        ))}
        {sum < 100 && <div style={{ flex: `${100 - sum} 0 0` }} />}
      </div>
      {isWhole && borders.length > 0 && (
        <Slider
          aria-label="Borders between the variants"
          className="borders"
          minValue={0}
          maxValue={100}
          step={1}
          value={borders.map(Math.round)}
          onChange={(next) => {
            // One border moves at a time; the others keep the fractions that they have.
            const at = next.findIndex((border, i) => border !== Math.round(borders[i] ?? 0));
            if (at >= 0) onChange(withMovedBorder(variants, at, next[at] ?? 0));
          }}
        >
          <SliderTrack className="borders-track">
            {borders.map((_, at) => (
              <SliderThumb
                // A border has no name of its own; where it stands is who it is.
                key={at}
                index={at}
                className="border-thumb"
                aria-label={`Border between ${variants[at]?.key ?? ''} and ${variants[at + 1]?.key ?? ''}`}
              />
            ))}
          </SliderTrack>
        </Slider>
      )}
    </div>
  );
}
