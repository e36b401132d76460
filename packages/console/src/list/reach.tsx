import type { FlagFields } from '../flag/flag.ts';

const percent = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** How far a flag reaches at most: a share and a bar, with a mark where it is on for everybody (K41). */
export function Reach({ flag: { filters } }: { readonly flag: FlagFields }) {
  if (filters.version === 2) return <span className="quiet">ordered rules</span>;
  const groups = filters.groups ?? [];
  if (groups.length === 0) return <span className="quiet">no condition</span>;
  const most = Math.max(...groups.map(({ rollout_percentage: share }) => share ?? 100));
  const isForAll = groups.some(
    ({ properties, rollout_percentage: share }) => (properties ?? []).length === 0 && (share ?? 100) >= 100,
  );
  return (
    <span className="reach">
      <span>
        {percent.format(most)} %
        {isForAll && (
          <>
            {' '}
            <span className="for-all">✓ all</span>
          </>
        )}
      </span>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.max(0, most))}%` }} />
      </span>
      {groups.length > 1 && <span className="quiet small">{groups.length} conditions</span>}
    </span>
  );
}
