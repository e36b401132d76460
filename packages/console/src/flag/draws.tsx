import type { Variant } from './flag.ts';
import { percentOf, percentWords } from './percent.ts';

const short = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

interface ShareDrawProps {
  /** Of 1. */
  readonly point: number;
  /** Percent. */
  readonly share: number;
  readonly isInside: boolean;
}

/** Where somebody falls, and where the share ends (K22). */
export function ShareDraw({ point, share, isInside }: ShareDrawProps) {
  return (
    <div className="stack tight">
      <div className="draw" aria-hidden="true">
        <div className="draw-share" style={{ width: `${Math.min(100, Math.max(0, share))}%` }} />
        <div className="draw-point" style={{ left: `${point * 100}%` }} />
      </div>
      <p className="quiet small">
        Falls at {short.format(point * 100)} %, {isInside ? 'inside' : 'outside'} the {short.format(share)} %
      </p>
    </div>
  );
}

interface VariantDrawProps {
  readonly point: number;
  readonly drawn: string | null;
  readonly variants: readonly Variant[];
}

/** Where somebody falls among the shares of the variants. */
export function VariantDraw({ point, drawn, variants }: VariantDrawProps) {
  return (
    <div className="stack tight">
      <div className="draw variants" aria-hidden="true">
        {variants.map(({ key, rollout_percentage: share }, at) => (
          <div key={key} className={`segment s${at % 6}`} style={{ width: `${percentOf(share) || 0}%` }}>
            {percentOf(share) >= 12 ? key : ''}
          </div>
        ))}
        <div className="draw-point" style={{ left: `${point * 100}%` }} />
      </div>
      <p className="quiet small">
        Variant drawn at {short.format(point * 100)} %: {drawn ?? 'none'}
        {variants.length > 0 &&
          ` (${variants.map(({ key, rollout_percentage: share }) => `${key} ${percentWords(percentOf(share))}`).join(', ')})`}
      </p>
    </div>
  );
}
