import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * The lint rules are tested like any other code: each forbidden snippet is written to a folder that looks like the
 * repository, the linter runs there once with our own settings, and every snippet has to be reported with the
 * advice we wrote. A rule that is renamed, switched off or no longer matches turns a line here red.
 */
const root = join(import.meta.dirname, '..');

interface Case {
  readonly file: string;
  readonly code: string;
  readonly rule: string;
  /** Part of the advice a developer has to see. */
  readonly says?: string;
}

const imports = (from: string) => `import { a } from '${from}';\nexport const b = a;\n`;
const typeOnly = (from: string) => `import type { A } from '${from}';\nexport type B = A;\n`;
const boundary = 'eslint(no-restricted-imports)';

const forbidden: readonly Case[] = [
  { file: 'packages/pattern/src/p1.ts', code: imports('node:fs'), rule: boundary, says: 'ground floor' },
  { file: 'packages/pattern/src/p2.ts', code: typeOnly('@halyard/engine'), rule: boundary, says: 'ground floor' },
  { file: 'packages/pattern/src/p3.ts', code: imports('../../engine/src/a.ts'), rule: boundary, says: 'ground floor' },
  { file: 'packages/pattern/src/p4.test.ts', code: imports('@halyard/data'), rule: boundary, says: 'upper one' },
  {
    file: 'packages/pattern/src/p5.ts',
    code: 'export const t = Date.now();\n',
    rule: 'eslint(no-restricted-properties)',
    says: 'no clock',
  },

  { file: 'packages/engine/src/a1.ts', code: imports('node:fs'), rule: boundary, says: 'engine is pure' },
  { file: 'packages/engine/src/a2.ts', code: imports('pg'), rule: boundary, says: 'engine is pure' },
  { file: 'packages/engine/src/a9.ts', code: imports('node:fs/promises'), rule: boundary, says: 'engine is pure' },
  {
    file: 'packages/engine/src/a10.ts',
    code: imports('@halyard/data/testing'),
    rule: boundary,
    says: 'engine is pure',
  },
  { file: 'packages/engine/src/a3.ts', code: typeOnly('@halyard/data'), rule: boundary, says: 'engine is pure' },
  { file: 'packages/engine/src/a4.ts', code: imports('../../data/src/b.ts'), rule: boundary, says: 'stands alone' },
  { file: 'packages/engine/src/a11.ts', code: imports('../../pattern/src/b.ts'), rule: boundary, says: 'by name' },
  {
    file: 'packages/engine/src/a5.ts',
    code: 'export const t = Date.now();\n',
    rule: 'eslint(no-restricted-properties)',
    says: 'no clock',
  },
  {
    file: 'packages/engine/src/a6.ts',
    code: 'export const t = Math.random();\n',
    rule: 'eslint(no-restricted-properties)',
    says: 'no chance',
  },
  {
    file: 'packages/engine/src/a7.ts',
    code: 'export const t = performance.now();\n',
    rule: 'eslint(no-restricted-globals)',
    says: 'no clock',
  },
  { file: 'packages/json/src/a1.ts', code: imports('node:fs'), rule: boundary, says: 'ground floor' },
  { file: 'packages/json/src/a2.ts', code: typeOnly('@halyard/engine'), rule: boundary, says: 'ground floor' },
  { file: 'packages/engine/src/a8.test.ts', code: imports('@halyard/data'), rule: boundary, says: 'engine only' },

  { file: 'packages/data/src/b1.ts', code: imports('@halyard/engine'), rule: boundary, says: 'import type' },
  { file: 'packages/data/src/b6.ts', code: typeOnly('@halyard/pattern'), rule: boundary, says: 'Only the engine' },
  { file: 'packages/data/src/b2.ts', code: imports('halyard'), rule: boundary, says: 'Declare a port' },
  { file: 'packages/data/src/b3.ts', code: imports('@halyard/service'), rule: boundary, says: 'Declare a port' },
  { file: 'packages/data/src/b4.ts', code: imports('../../engine/src/a.ts'), rule: boundary, says: 'by its name' },
  { file: 'packages/data/src/b5.test.ts', code: imports('halyard'), rule: boundary, says: 'whole path' },
  { file: 'packages/data/src/conversation/b7.ts', code: imports('node:fs'), rule: boundary, says: 'without Node' },
  { file: 'packages/data/src/statements/b8.ts', code: imports('pg'), rule: boundary, says: 'without Node' },
  {
    file: 'packages/data/src/conversation/b9.ts',
    code: imports('../postgres/a.ts'),
    rule: boundary,
    says: 'who drives',
  },
  {
    file: 'packages/data/src/conversation/b10.ts',
    code: 'export const t = Date.now();\n',
    rule: 'eslint(no-restricted-properties)',
    says: 'no clock',
  },

  { file: 'packages/embed/src/l1.ts', code: imports('node:fs'), rule: boundary, says: 'without Node' },
  { file: 'packages/embed/src/l2.ts', code: imports('@halyard/data'), rule: boundary, says: 'without Node' },
  { file: 'packages/embed/src/l3.ts', code: imports('../../engine/src/a.ts'), rule: boundary, says: 'by its name' },

  { file: 'packages/people/src/g1.ts', code: imports('@halyard/data'), rule: boundary, says: 'without a store' },
  { file: 'packages/people/src/g2.ts', code: imports('node:zlib'), rule: boundary, says: 'without a store' },
  {
    file: 'packages/people/src/g3.ts',
    code: 'export const t = Date.now();\n',
    rule: 'eslint(no-restricted-properties)',
    says: 'no clock',
  },
  { file: 'packages/people/src/g4.test.ts', code: imports('@halyard/data'), rule: boundary, says: 'upper one' },

  { file: 'packages/halyard/src/c1.ts', code: imports('@halyard/service'), rule: boundary, says: 'nothing about HTTP' },
  { file: 'packages/halyard/src/c4.ts', code: imports('@halyard/pattern'), rule: boundary, says: 'Only the engine' },
  { file: 'packages/halyard/src/c2.ts', code: imports('pg'), rule: boundary, says: 'All SQL' },
  { file: 'packages/halyard/src/c3.ts', code: imports('../../data/src/b.ts'), rule: boundary, says: 'by its name' },

  { file: 'packages/service/src/d1.ts', code: imports('@halyard/engine'), rule: boundary, says: "from 'halyard'" },
  { file: 'packages/service/src/d6.ts', code: imports('@halyard/pattern'), rule: boundary, says: "from 'halyard'" },
  { file: 'packages/service/src/d2.ts', code: typeOnly('@halyard/data'), rule: boundary, says: "from 'halyard'" },
  { file: 'packages/service/src/d3.ts', code: imports('pg'), rule: boundary, says: 'All SQL' },
  { file: 'packages/service/src/d4.ts', code: imports('../../halyard/src/c.ts'), rule: boundary, says: 'by its name' },
  {
    file: 'packages/service/src/d5.test.ts',
    code: imports('@halyard/data'),
    rule: boundary,
    says: '@halyard/data/testing',
  },

  { file: 'packages/console/src/e1.ts', code: imports('halyard'), rule: boundary, says: 'call it with fetch' },
  { file: 'packages/console/src/e2.ts', code: imports('@halyard/engine'), rule: boundary, says: 'call it with fetch' },

  { file: 'conformance/src/f1.ts', code: imports('@halyard/data'), rule: boundary, says: 'public doors' },
  {
    file: 'conformance/src/f2.ts',
    code: imports('../../packages/engine/src/a.ts'),
    rule: boundary,
    says: 'public doors',
  },
  { file: 'bench/src/f3.ts', code: imports('pg'), rule: boundary, says: 'public doors' },

  { file: 'scripts/g1.mjs', code: imports('vite'), rule: boundary, says: 'before anything is installed' },

  {
    file: 'packages/service/src/h1.ts',
    code: 'async function f(): Promise<void> {}\nexport function g(): void {\n  f();\n}\n',
    rule: 'typescript(no-floating-promises)',
  },
  {
    file: 'packages/service/src/h2.ts',
    code: 'export function g(f: () => Promise<boolean>): number {\n  return f() ? 1 : 2;\n}\n',
    rule: 'typescript(no-misused-promises)',
  },
  {
    file: 'packages/service/src/h3.ts',
    code: 'export function g(xs: string[], f: (x: string) => Promise<void>): void {\n  xs.forEach(async (x) => {\n    await f(x);\n  });\n}\n',
    rule: 'typescript(no-misused-promises)',
  },
  {
    file: 'packages/service/src/h4.ts',
    code: 'export async function g(x: number): Promise<number> {\n  return await x;\n}\n',
    rule: 'typescript(await-thenable)',
  },
  {
    file: 'packages/service/src/h5.ts',
    code: 'export async function g(f: () => Promise<void>): Promise<void> {\n  try {\n    return f();\n  } catch {\n    return undefined;\n  }\n}\n',
    rule: 'typescript(return-await)',
  },
  {
    file: 'packages/service/src/h6.ts',
    code: "export function g(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
    rule: 'typescript(switch-exhaustiveness-check)',
  },
  { file: 'packages/service/src/i1.ts', code: 'export const x: any = 1;\n', rule: 'typescript(no-explicit-any)' },
  {
    file: 'packages/service/src/i2.ts',
    code: 'export function g(x: string | undefined): string {\n  return x!;\n}\n',
    rule: 'typescript(no-non-null-assertion)',
  },
  {
    file: 'packages/service/src/i3.ts',
    code: '// @ts-ignore\nexport const x = 1;\n',
    rule: 'typescript(ban-ts-comment)',
  },
  {
    file: 'packages/service/src/i4.ts',
    code: 'export function g(text: string): number {\n  const x = JSON.parse(text);\n  return x.length;\n}\n',
    rule: 'typescript(no-unsafe-member-access)',
  },
  { file: 'packages/service/src/i5.ts', code: '//\n'.repeat(401), rule: 'eslint(max-lines)' },
  {
    file: 'packages/service/src/j1.ts',
    code: "import { k } from './j2.ts';\nexport const j = (): number => k();\n",
    rule: 'import(no-cycle)',
  },
  {
    file: 'packages/service/src/j2.ts',
    code: "import { j } from './j1.ts';\nexport const k = (): number => j();\n",
    rule: 'import(no-cycle)',
  },
  {
    file: 'packages/service/src/j3.ts',
    code: "import type { K } from './j4.ts';\nexport interface J {\n  readonly k: K;\n}\n",
    rule: 'import(no-cycle)',
  },
  {
    file: 'packages/service/src/j4.ts',
    code: "import type { J } from './j3.ts';\nexport interface K {\n  readonly j: J;\n}\n",
    rule: 'import(no-cycle)',
  },
  {
    file: 'packages/service/src/k1.ts',
    code: '// oxlint-disable-next-line no-console -- nothing here to silence\nexport const x = 1;\n',
    rule: 'undefined: Unused oxlint-disable directive',
  },
];

const allowed: readonly Omit<Case, 'rule'>[] = [
  { file: 'packages/pattern/src/ok1.ts', code: imports('./ast.ts') },
  { file: 'packages/pattern/src/ok2.test.ts', code: imports('node:fs') },
  { file: 'packages/engine/src/ok1.ts', code: imports('@halyard/json') },
  { file: 'packages/engine/src/ok2.ts', code: imports('../operators/a.ts') },
  { file: 'packages/engine/src/ok4.ts', code: imports('@halyard/pattern') },
  { file: 'packages/engine/src/ok5.test.ts', code: imports('@halyard/pattern') },
  { file: 'packages/engine/src/ok3.test.ts', code: imports('node:fs') },
  { file: 'packages/json/src/ok1.ts', code: imports('./values.ts') },
  { file: 'packages/json/src/ok2.test.ts', code: imports('vitest') },
  { file: 'packages/data/src/ok1.ts', code: typeOnly('@halyard/engine') },
  { file: 'packages/data/src/ok2.ts', code: imports('pg') },
  { file: 'packages/data/src/ok3.test.ts', code: imports('@halyard/engine') },
  { file: 'packages/data/src/conversation/ok4.ts', code: imports('../statements/a.ts') },
  { file: 'packages/data/src/conversation/ok5.test.ts', code: imports('vitest') },
  { file: 'packages/embed/src/ok1.ts', code: imports('@halyard/engine') },
  { file: 'packages/embed/src/ok2.ts', code: imports('@halyard/data/conversation') },
  { file: 'packages/embed/src/ok3.ts', code: imports('@halyard/data/import') },
  { file: 'packages/halyard/src/ok1.ts', code: imports('@halyard/engine') },
  { file: 'packages/halyard/src/ok2.ts', code: imports('@halyard/data') },
  { file: 'packages/service/src/ok1.ts', code: imports('halyard') },
  { file: 'packages/service/src/ok2.ts', code: imports('node:http') },
  { file: 'packages/service/src/ok3.test.ts', code: imports('@halyard/data/testing') },
  { file: 'packages/console/src/ok1.ts', code: typeOnly('halyard') },
  { file: 'conformance/src/ok1.ts', code: imports('@halyard/engine') },
  { file: 'bench/src/ok1.ts', code: imports('halyard') },
  { file: 'scripts/ok1.mjs', code: imports('./lib/a.mjs') },
];

interface Diagnostic {
  readonly message: string;
  readonly code?: string;
  readonly help?: string;
  readonly filename: string;
}

let folder: string;
let diagnostics: readonly Diagnostic[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-lint-'));
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  // Type-aware rules need a project; one for the whole folder is enough here.
  const compilerOptions = {
    strict: true,
    target: 'es2023',
    module: 'nodenext',
    noEmit: true,
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  for (const { file, code } of [...forbidden, ...allowed]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const run = spawnSync(process.execPath, [oxlint, '--format=json'], { cwd: folder, encoding: 'utf8' });
  diagnostics = (JSON.parse(run.stdout) as { diagnostics: readonly Diagnostic[] }).diagnostics;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reported = (file: string) =>
  diagnostics
    .filter((found) => found.filename === file)
    .map((found) => `${found.code}: ${found.message} ${found.help}`);

describe('lint rules', () => {
  it.each(forbidden)('$file: $rule', ({ file, rule, says = '' }) => {
    expect(reported(file).filter((text) => text.startsWith(rule) && text.includes(says))).not.toEqual([]);
  });

  it.each(allowed)('$file may import what it needs', ({ file }) => {
    expect(reported(file).filter((text) => text.startsWith(boundary))).toEqual([]);
  });
});

/** Every source file of ours but this one, which quotes directives. */
function sources(): string[] {
  return ['packages', 'conformance', 'bench', 'scripts']
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((file) => join(top, file)),
    )
    .filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && !/(^|[\\/])(node_modules|dist)[\\/]/.test(file))
    .filter((file) => file !== join('scripts', 'lint-rules.test.ts'));
}

describe('silenced rules', () => {
  it('gives a reason behind every directive that switches a rule off', () => {
    const directive = /^\s*(?:\/\/|\/\*|\{?\/\*)\s*(?:oxlint|eslint)-disable(?!.* -- \S)/;
    const silent = [];
    for (const file of sources()) {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      for (const [index, line] of lines.entries()) if (directive.test(line)) silent.push(`${file}:${index + 1}`);
    }
    expect(silent).toEqual([]);
  });
});
