import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it('the README example runs as it stands and prints what the README says', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8');
  const code = /```js run\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const promised = /^prints `(.*?)`/m.exec(readme)?.[1];
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
  // The example imports the package as its users do, so it meets the compiled one, which `npm test` brings up to date.
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' });
  expect(printed.trim()).toBe(promised);
});
