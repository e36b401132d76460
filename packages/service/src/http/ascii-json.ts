/** The same JSON in ASCII: every other character, which JSON allows inside strings only, becomes an escape. */
export function asciiJson(json: string): string {
  return json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
