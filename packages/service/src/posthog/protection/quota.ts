/** Which projects are over a quota, by public token (H105). Asked on every request: it answers from memory. */
export interface Quota {
  flags(token: string): boolean;
  recordings(token: string): boolean;
}

/** Members of an answer that say what is limited, each with a comma in front, in both spellings (H72); '' when nothing is. */
export function limitedMembers(limited: readonly string[]): string {
  if (limited.length === 0) return '';
  const list = JSON.stringify(limited);
  return `,"quotaLimited":${list},"quota_limited":${list}`;
}
