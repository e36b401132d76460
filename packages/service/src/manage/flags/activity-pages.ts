import type { ActivityPage } from '@halyard/manage';
import { invalid } from '../frame/api-error.ts';

const largest = 1_000;

/** Which page of history is wanted (M160). */
export interface ActivityWish {
  readonly limit: number;
  /** From 1. */
  readonly page: number;
}

/** @throws {Refusal} 400 for a page that there cannot be */
export function activityWish(query: URLSearchParams): ActivityWish {
  const page = query.get('page') ?? '1';
  if (!/^\d{1,9}$/.test(page) || Number(page) < 1) throw invalid('A page is a number from 1.', 'page');
  const limit = query.get('limit') ?? '';
  const wanted = /^\d{1,9}$/.test(limit) && Number(limit) > 0 ? Number(limit) : 10;
  return { limit: Math.min(wanted, largest), page: Number(page) };
}

/**
 * A page as callers get it (M160).
 *
 * @param url absolute address of the request; `next` and `previous` keep its other parameters
 */
export function activityPage(url: URL, { limit, page }: ActivityWish, { results, total }: ActivityPage): object {
  const at = (number: number): string => {
    const link = new URL(url);
    link.searchParams.set('page', String(number));
    return link.href;
  };
  return {
    results,
    next: page * limit < total ? at(page + 1) : null,
    previous: page > 1 ? at(page - 1) : null,
    total_count: total,
  };
}
