/** Which part of a list is wanted (M23). */
export interface PageWish {
  readonly limit: number;
  readonly offset: number;
}

/** A part of a list as callers get it (M23). */
export interface Page<Item> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** `limit` and `offset` of a query. What is zero, negative or no number falls back to the default, never an error (M23). */
export function pageWish(query: URLSearchParams): PageWish {
  return {
    limit: Math.min(positive(query.get('limit')) ?? DEFAULT_LIMIT, MAX_LIMIT),
    offset: positive(query.get('offset')) ?? 0,
  };
}

/**
 * The page around some results (M23).
 *
 * @param url absolute address of the request, as its caller would write it: `next` and `previous` keep its other parameters
 * @param count how many there are in all
 */
export function pageOf<Item>(
  url: URL,
  { limit, offset }: PageWish,
  count: number,
  results: readonly Item[],
): Page<Item> {
  const at = (start: number): string => {
    const link = new URL(url);
    link.searchParams.set('limit', String(limit));
    if (start > 0) link.searchParams.set('offset', String(start));
    else link.searchParams.delete('offset');
    return link.href;
  };
  return {
    count,
    next: offset + limit < count ? at(offset + limit) : null,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    results,
  };
}

/** The page of a list that is held whole. */
export function pageOfAll<Item>(url: URL, all: readonly Item[]): Page<Item> {
  const wish = pageWish(url.searchParams);
  return pageOf(url, wish, all.length, all.slice(wish.offset, wish.offset + wish.limit));
}

function positive(text: string | null): number | null {
  return text !== null && /^\s*\+?\d{1,9}\s*$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
