import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const major = Number(process.versions.node.split('.')[0]);

test.skipIf(major > 22)(
  'the object that is kept has the hidden class of those that process.nextTick makes (Node 20 and 22; later ones make them otherwise)',
  () => {
    const module = JSON.stringify(
      new URL('tick-shape.ts', import.meta.url).href.replace('/src/', '/dist/').replace('.ts', '.js'),
    );
    const script = `
      import { executionAsyncResource } from 'node:async_hooks';
      import { tick } from ${module};
      process.nextTick(() => {
        const real = executionAsyncResource();
        console.log(%HaveSameMap(real, tick), %HaveSameMap(real, { callback: tick }));
      });`;
    const told = execFileSync(process.execPath, ['--allow-natives-syntax', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(told).toBe('true false\n');
  },
);
