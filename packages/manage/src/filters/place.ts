import type { JsonValue } from '@halyard/json';
import { kindOf } from '../coercions.ts';
import { invalid, type Problem } from '../refusal.ts';

/** Collects what is wrong with the `filters` of one flag, each with its place (M21, M62). */
export class FilterProblems {
  readonly list: Problem[] = [];

  /** A shape that is not right: the code holds the place without indices (M62). */
  structural(place: string, code: string, sentence: string): void {
    const path = place.replaceAll(/\[\d+\]/g, '');
    this.#add(`structural.${path === '' ? code : `${path}.${code}`}`, place, sentence);
  }

  wrongType(place: string, wanted: string, value: JsonValue | undefined): void {
    if (value === undefined) this.structural(place, 'required', 'This field is required.');
    else this.structural(place, 'invalid_type', `Must be ${wanted}, not ${kindOf(value)}.`);
  }

  /** Parts that do not fit each other (M66). */
  crossField(name: string, place: string, sentence: string): void {
    this.#add(`cross_field.${name}`, place, sentence);
  }

  other(code: string, place: string, sentence: string): void {
    this.#add(code, place, sentence);
  }

  #add(code: string, place: string, sentence: string): void {
    this.list.push(invalid(code, place === '' ? sentence : `${place}: ${sentence}`, 'filters'));
  }
}
