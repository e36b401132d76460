import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runEngineArena } from './arenas/engine.ts';

const ARENAS: Readonly<Record<string, (print: (line: string) => void, quick: boolean) => Promise<boolean>>> = {
  engine: runEngineArena,
};

const USAGE = `Measures Halyard next to its peers, in one run, and prints ratios.

  npm run bench [-- ARENA …] [--quick]

  ARENA    ${Object.keys(ARENAS).join(', ')}; default: all
  --quick  shorter and noisier

The process keeps to one core where taskset is there. Figures hold for this machine; ratios travel.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const unknown = positionals.find((name) => ARENAS[name] === undefined);
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? USAGE : `There is no arena "${unknown}".\n\n${USAGE}`);
    return values.help ? 0 : 2;
  }
  console.log(`Node ${process.version}, ${pinToOneCore() ? 'one core' : 'not pinned to a core'}`);
  let agreed = true;
  for (const name of positionals.length > 0 ? positionals : Object.keys(ARENAS)) {
    console.log(`\n== ${name}`);
    agreed = ((await ARENAS[name]?.((line) => console.log(line), values.quick)) ?? false) && agreed;
  }
  if (!agreed) console.log('\nSome answers differ: see above.');
  return agreed ? 0 : 1;
}

/** Keeps every thread of this process on one core, so that contenders with helper threads pay for them too. */
function pinToOneCore(): boolean {
  const core = process.platform === 'linux' ? spawnSync('taskset', ['-acp', '1', String(process.pid)]) : null;
  return core?.status === 0;
}
