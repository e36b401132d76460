import type { WeekOfFlag } from './list-queries.ts';

const WIDTH = 56;
const HEIGHT = 18;
const count = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat('en');

/** Calls of a flag on seven days, the highest of them as high as the line (K41). */
export function Sparkline({ week }: { readonly week: WeekOfFlag | undefined }) {
  const days = week?.days ?? [];
  const total = week?.total ?? 0;
  if (total === 0) return <span className="quiet small">none in 7 days</span>;
  const most = Math.max(...days);
  const step = WIDTH / days.length;
  return (
    <span className="sparkline" title={`${exact.format(total)} evaluations in 7 days`}>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {days.map((calls, at) => {
          const height = calls === 0 ? 1 : Math.max(2, (calls / most) * HEIGHT);
          return <rect key={at} x={at * step} y={HEIGHT - height} width={step - 2} height={height} rx="1" />;
        })}
      </svg>
      <span className="small">
        {count.format(total)}
        <span className="visually-hidden"> evaluations in 7 days</span>
      </span>
    </span>
  );
}
