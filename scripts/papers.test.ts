import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './lib/paths.mjs';

/*
 * What the pages say about the repository is held against it: links, paths, commands, the list of decisions, version numbers.
 */

const SKIPPED = new Set(['.mutants', 'node_modules', 'dist', '.git', '.halyard', '__pycache__', 'coverage']);
const files = list(root).map((file) => relative(root, file).split(sep).join('/'));
const pages = files.filter((file) => file.endsWith('.md'));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

function list(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? list(path) : [path];
  });
}

/** A page without what stands in code blocks. */
const prose = (page: string): string => read(page).replaceAll(/^```[^]*?^```/gm, '');

describe('pages', () => {
  it('link to what is there, headings included', () => {
    const broken = pages.flatMap((page) =>
      [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
        .map((target) => `${page} links to ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/architecture.md', 'docs/versions.md'])(
    '%s names files that are there',
    (page) => {
      const named = [...prose(page).matchAll(/`([\w./*-]*\/[\w./*-]*|[\w-]+(?:\.[\w-]+)*\.(?:ts|mjs|md|sql|py))`/g)];
      const missing = named.map(([, path = '']) => path).filter((path) => !isThere(path));
      expect(missing).toEqual([]);
    },
  );

  it('name commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run (?:-s )?([a-z][\w:]*)/g)]
        .map(([, name = '']) => name)
        .filter((name) => !(name in scripts))
        .map((name) => `${page}: npm run ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('are within reach of the README, whatever a reader looks for', () => {
    const readme = read('README.md');
    const wanted = ['CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'examples/README.md', 'docs/decisions/README.md'];
    expect([...wanted, 'docs/versions.md'].filter((page) => !readme.includes(`(${page})`))).toEqual([]);
  });
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  if (heading === undefined) return true;
  const headings = read(file).match(/^#+ .*/gm) ?? [];
  return headings.some((line) => anchor(line) === heading);
}

/** As the web page of a repository names a heading. */
const anchor = (line: string): string =>
  line
    .replace(/^#+ /, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** A path from the top, or the end of one: pages leave out what the sentence says already. `*` is any part of a name. */
function isThere(path: string): boolean {
  const end = path.replace(/\/$/, '');
  if (existsSync(join(root, end))) return true;
  const pattern = new RegExp(`(^|/)${end.replaceAll('.', String.raw`\.`).replaceAll('*', '[^/]*')}(/|$)`);
  return files.some((file) => pattern.test(file)) || NOT_FILES.some((known) => known.test(path));
}

/** What looks like a path and is none: packages, routes of the service, what a run makes. */
const NOT_FILES = [/^@?(halyard|posthog)\/[\w*-]+$/, /^\/\w+/, /^(\.\/)?\.halyard$/, /^[\w/.-]*dist(\/[\w/-]*)?$/];

describe('docs/decisions', () => {
  const decisions = readdirSync(join(root, 'docs/decisions')).filter((name) => !/^(README|template)\.md$/.test(name));
  const rows = [
    ...read('docs/decisions/README.md').matchAll(/^\| \[(.+)\]\((.+)\) \| (\d{4}-\d\d-\d\d) \| (.+) \|$/gm),
  ].map(([, title = '', file = '', date = '', status = '']) => ({ title, file, date, status }));

  it('are all listed, by their title and with their status', () => {
    const found = decisions.map((file) => {
      const text = read(`docs/decisions/${file}`);
      return { file, title: /^# (.+)/.exec(text)?.[1], status: /^Status: (.+)$/m.exec(text)?.[1] };
    });
    const listed = rows.map(({ file, title, status }) => ({ file, title, status }));
    const byFile = (a: { file: string }, b: { file: string }) => a.file.localeCompare(b.file);
    expect(listed.sort(byFile)).toEqual(found.sort(byFile));
  });

  it('are proposed, accepted or replaced by one that is there', () => {
    const odd = rows.filter(({ status }) => {
      const other = /^replaced by (\S+\.md)$/.exec(status)?.[1];
      return other === undefined ? !['proposed', 'accepted'].includes(status) : !decisions.includes(other);
    });
    expect(odd).toEqual([]);
  });

  it('stand newest first', () => {
    const dates = rows.map(({ date }) => date);
    expect(dates).toEqual([...dates].sort().reverse());
  });
});

describe('versions', () => {
  it('are one number everywhere, which the changelog knows', () => {
    const packages = files.filter((file) => /(^|\/)package\.json$/.test(file));
    expect(packages.length).toBeGreaterThan(5);
    const numbers = [
      ...packages.map((file) => [file, (JSON.parse(read(file)) as { version: string }).version]),
      ['python/pyproject.toml', /^version = "(.+)"$/m.exec(read('python/pyproject.toml'))?.[1]],
      ['python', /^__version__ = "(.+)"$/m.exec(read('python/src/halyard/__init__.py'))?.[1]],
    ];
    const [, version] = numbers[0] ?? [];
    expect(numbers.filter(([, other]) => other !== version)).toEqual([]);
    expect(read('CHANGELOG.md')).toMatch(new RegExp(String.raw`^## ${version} - \d{4}-\d\d-\d\d$`, 'm'));
  });

  it('stand in the changelog newest first, below what is unreleased', () => {
    const headings = read('CHANGELOG.md').match(/^## .*/gm) ?? [];
    expect(headings[0]).toBe('## Unreleased');
    const dates = headings.slice(1).map((line) => line.slice(-10));
    expect(dates).toEqual([...dates].sort().reverse());
  });
});
