/** The four pools that statements go to (D33). Errors, logs and metrics use these names. */
export const poolNames = ['persons reader', 'persons writer', 'non-persons reader', 'non-persons writer'] as const;
/** The name of a pool. */
export type PoolName = (typeof poolNames)[number];
