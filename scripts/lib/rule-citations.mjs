import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { root } from './paths.mjs';

/*
 * Who cites which rule of docs/spec, for scripts/rule-citations.test.ts. What counts as a citation is told in
 * docs/spec/README.md.
 */

const specFolder = join(root, 'docs', 'spec');
const openList = 'open-rules.md';

const rule = String.raw`[A-Z][1-9]\d{0,2}[a-z]?`;
const mark = String.raw`${rule}(?: \(R\))?`;
// At the start of a paragraph or list item: **E12.** or **H12. A title.**
const definition = new RegExp(String.raw`^(?:- )?\*\*(${rule})[.:]`, 'gm');
const openRow = new RegExp(String.raw`^\| (${rule}(?:, ${rule})*) \| ([^|]+) \|$`, 'gm');
// A title that begins with rules and a colon, or a row of a table of cases that begins with a rule.
const title = new RegExp(String.raw`['"\x60](${mark}(?:, ${mark})*): |\[\s*'(${rule})',`, 'g');
const pythonName = /\bdef test_((?:[a-z][1-9]\d{0,2}[a-z]?_)+)/g;
const pythonDocstring = new RegExp(String.raw`\bdef test_\w+\([^)]*\)[^:]*:\s+"""(${mark}(?:, ${mark})*): `, 'g');

/**
 * Every rule that the files of docs/spec define, with its file.
 *
 * @returns {Map<string, string>}
 */
export function definedRules() {
  /** @type {Map<string, string>} */
  const rules = new Map();
  for (const name of readdirSync(specFolder)) {
    if (name === openList || !name.endsWith('.md')) continue;
    for (const number of rulesDefinedIn(readFileSync(join(specFolder, name), 'utf8'))) {
      if (rules.has(number)) throw new Error(`${number} is defined twice in docs/spec`);
      rules.set(number, name);
    }
  }
  return rules;
}

/** @param {string} text */
export function rulesDefinedIn(text) {
  return [...text.matchAll(definition)].map((match) => match[1] ?? '');
}

/**
 * The rules that have no test, each with the reason.
 *
 * @returns {Map<string, string>}
 */
export function openRules() {
  return openRulesIn(readFileSync(join(specFolder, openList), 'utf8'));
}

/**
 * @param {string} text
 * @returns {Map<string, string>}
 */
export function openRulesIn(text) {
  /** @type {Map<string, string>} */
  const rules = new Map();
  for (const [, numbers = '', reason = ''] of text.matchAll(openRow)) {
    for (const number of numbers.split(', ')) {
      if (rules.has(number)) throw new Error(`${number} stands twice in ${openList}`);
      rules.set(number, reason.trim());
    }
  }
  return rules;
}

/**
 * Rules that the tests of a file cite.
 *
 * @param {string} name the file's name without its folder
 * @param {string} text
 */
export function rulesTestedIn(name, text) {
  /** @type {Set<string>} */
  const found = new Set();
  const take = (/** @type {string} */ list) => {
    for (const number of list.replaceAll(' (R)', '').split(', ')) found.add(number);
  };
  if (/\.(test|cases)\.ts$/.test(name)) {
    for (const match of text.matchAll(title)) take(match[1] ?? match[2] ?? '');
  } else if (/^test_\w+\.py$/.test(name)) {
    for (const match of text.matchAll(pythonName)) {
      const numbers = (match[1] ?? '').split('_').filter((part) => part !== '');
      for (const number of numbers) take(number.charAt(0).toUpperCase() + number.slice(1));
    }
    for (const match of text.matchAll(pythonDocstring)) take(match[1] ?? '');
  }
  return found;
}

/**
 * Everything that looks like a rule with one of these letters, with its line.
 *
 * @param {string} text
 * @param {string} letters such as `EHD`
 */
export function mentionsIn(text, letters) {
  const mention = new RegExp(String.raw`(?<![\w.%$#{\\-])([${letters}][1-9]\d{0,2}[a-z]?)(?![\w-])`, 'g');
  return text
    .split('\n')
    .flatMap((line, i) => [...line.matchAll(mention)].map((match) => ({ number: match[1] ?? '', line: i + 1 })));
}

/**
 * What may cite rules: sources, tests, scripts and papers of the repository.
 *
 * @returns {{ file: string, name: string, text: string }[]} `file` is named from the repository's top folder
 */
export function citingFiles() {
  return walk(root).map((path) => ({
    file: relative(root, path).split(sep).join('/'),
    name: basename(path),
    text: readFileSync(path, 'utf8'),
  }));
}

const skipped = new Set(['node_modules', 'dist', 'build', 'coverage', 'vectors', '__pycache__']);
const kinds = new Set(['.ts', '.mjs', '.js', '.py', '.md', '.sql', '.toml']);

/**
 * @param {string} folder
 * @returns {string[]}
 */
function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : walk(path);
    return entry.isFile() && kinds.has(extname(entry.name)) ? [path] : [];
  });
}
