import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { Refusal } from './refusal.ts';

const longest = 64;

/**
 * The project token of a v0 request (I24): the one beside `batch`, else the one that all events name. Whether a project
 * has it is for the caller to find out.
 */
export function tokenOf(beside: JsonObject, events: readonly JsonValue[]): string | Refusal {
  const above = firstText(beside, ['api_key', 'token']);
  if (above !== undefined) return checkedToken(above);
  const tokens = new Set(events.flatMap(tokensOfEvent));
  const [token, another] = tokens;
  if (token === undefined) return new Refusal(401, 'The request names no project: set api_key to its token.');
  if (another !== undefined) return new Refusal(401, 'The events name different tokens: send one project a request.');
  return checkedToken(token);
}

/** A token without the blanks around it, if it can be one at all (I24). */
export function checkedToken(text: string): string | Refusal {
  const token = text.trim();
  if (token === '') return new Refusal(401, 'The project token is empty.');
  if (token.startsWith('phx_')) return new Refusal(401, 'This is a personal key: events take the token of a project.');
  if (token.length > longest || !/^[\x20-\x7e]+$/.test(token)) return new Refusal(401, 'This is no project token.');
  return token;
}

function tokensOfEvent(event: JsonValue): string[] {
  if (!isObject(event)) return [];
  const properties = member(event, 'properties');
  const inside = isObject(properties) ? textMember(properties, 'token') : undefined;
  const all = [textMember(event, 'token'), textMember(event, '$token'), textMember(event, 'api_key'), inside];
  return all.filter((token) => token !== undefined);
}

function firstText(object: JsonObject, keys: readonly string[]): string | undefined {
  return keys.map((key) => textMember(object, key)).find((text) => text !== undefined);
}

function textMember(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return typeof value === 'string' ? value : undefined;
}
