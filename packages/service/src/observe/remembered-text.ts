import { jsonText, type JsonObject, type JsonValue, parseJson } from '@halyard/json';
import type { Remembered, RecentRequest } from './recent-requests.ts';

/*
 * What one process remembers, as another is told: JSON text, since numbers keep theirs (E95) and a channel between processes knows no other.
 */

export function rememberedText({ requests, properties }: Remembered): string {
  return jsonText({ requests: requests.map(withoutAbsent), properties });
}

function withoutAbsent(request: RecentRequest): JsonObject {
  const members = Object.entries(request) as [string, JsonValue | undefined][];
  return Object.fromEntries(members.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

/** What several processes remember as one: of a subject that several know, the newest request. */
export function together(texts: readonly string[]): Remembered {
  const all = texts.map((text) => parseJson(text) as unknown as Remembered);
  const bySubject = new Map<string, RecentRequest>();
  for (const request of all.flatMap(({ requests }) => requests)) {
    const known = bySubject.get(request.distinctId);
    const times = request.times + (known?.times ?? 0);
    const newest = known !== undefined && known.at > request.at ? known : request;
    bySubject.set(request.distinctId, { ...newest, times });
  }
  return {
    requests: [...bySubject.values()].sort((a, b) => a.at - b.at),
    properties: [...new Set(all.flatMap(({ properties }) => properties))],
  };
}
