/** How much a person or a group may hold (I77, I190). */
export interface HolderLimits {
  /** Bytes of all properties as JSON text. Default 512 KiB. */
  readonly bytes: number;
  /** Default 2000. */
  readonly keys: number;
}

export const DEFAULT_LIMITS: HolderLimits = { bytes: 512 * 1024, keys: 2000 };
