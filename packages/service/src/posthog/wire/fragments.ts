import type { FlagResult } from 'halyard/host';
import { asciiJson } from '../../http/ascii-json.ts';

/** Outcomes that are rendered in one piece. */
const PIECE = 500;

/**
 * The rendered text of every outcome that was met so far, under the outcome's id. A flag has few outcomes and they are
 * shared by all requests, so an answer is put together from texts that exist already.
 *
 * Each text begins with its comma. It is kept flat: an answer joined from flat texts is copied once when it is written,
 * one joined from texts that are themselves joins costs a third more. It is ASCII, as all text of an answer.
 */
export class Fragments {
  readonly #texts: (string | undefined)[] = [];
  readonly #render: (result: FlagResult) => string;

  /** @param render the member of the outcome without its comma; '' when the shape leaves the outcome out */
  constructor(render: (result: FlagResult) => string) {
    this.#render = render;
  }

  /** Joins the texts of these results behind a text that ends with an opening bracket. */
  appendTo(opening: string, results: readonly FlagResult[]): string {
    const texts = this.#texts;
    let joined = opening;
    let empty = true;
    for (const result of results) {
      const text = texts[result.id] ?? this.#add(result);
      if (text === '') continue;
      joined += empty ? text.slice(1) : text;
      empty = false;
    }
    return joined;
  }

  /** Renders what was not met before, in pieces of some milliseconds. */
  *prepare(results: readonly FlagResult[]): Generator<void, void, void> {
    let rendered = 0;
    for (const result of results) {
      if (this.#texts[result.id] !== undefined) continue;
      this.#add(result);
      if (++rendered % PIECE === 0) yield;
    }
  }

  #add(result: FlagResult): string {
    const member = asciiJson(this.#render(result));
    const text = member === '' ? '' : flattened(`,${member}`);
    this.#texts[result.id] = text;
    return text;
  }
}

/** The same text as one block of memory instead of a tree of joins. */
function flattened(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
