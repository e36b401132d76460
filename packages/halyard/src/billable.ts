/** Whether a flag counts as usage: those that the product itself makes for surveys and tours are free (H109, D98). */
export function isBillable(flagKey: string): boolean {
  return !flagKey.startsWith('survey-targeting-') && !flagKey.startsWith('product-tour-targeting-');
}
