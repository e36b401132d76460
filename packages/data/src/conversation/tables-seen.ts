import type { TableFeatures } from '../statements/table-features.ts';

/** What is known of the tables behind a pool, and since when. */
export class TablesSeen {
  features: TableFeatures | null = null;
  lookedAt = Number.NEGATIVE_INFINITY;
  misfitAt = Number.NEGATIVE_INFINITY;
  /** A look has begun and may be under way. */
  looking = false;
}
