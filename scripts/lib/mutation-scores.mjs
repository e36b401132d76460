import { posix } from 'node:path';

/**
 * @typedef {'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'CompileError' | 'RuntimeError' | 'Pending'} Status
 * @typedef {{ files: Record<string, { mutants: { status: Status }[] }> }} Report in the format of mutation-testing-elements
 */

/**
 * The score of each folder and of all, as a table: of the changes that were tried, the share that a test noticed. One that ends in
 * an endless loop is noticed; one that no test reaches is not; what was left out or could not run does not count.
 *
 * @param {Report} report
 * @returns {string}
 */
export function scoresByFolder({ files }) {
  /** @type {Map<string, { noticed: number, survived: number, unreached: number }>} */
  const folders = new Map();
  for (const [file, { mutants }] of Object.entries(files)) {
    for (const name of [posix.dirname(file), 'all']) {
      const counts = folders.get(name) ?? { noticed: 0, survived: 0, unreached: 0 };
      folders.set(name, counts);
      for (const { status } of mutants) {
        if (status === 'Killed' || status === 'Timeout') counts.noticed++;
        else if (status === 'Survived') counts.survived++;
        else if (status === 'NoCoverage') counts.unreached++;
      }
    }
  }
  const rows = [...folders].sort(([a], [b]) => Number(a === 'all') - Number(b === 'all') || a.localeCompare(b));
  return rows.map(([name, counts]) => `${score(counts).padStart(7)}  ${name}  ${described(counts)}`).join('\n');
}

/** @param {{ noticed: number, survived: number, unreached: number }} counts */
function score({ noticed, survived, unreached }) {
  const tried = noticed + survived + unreached;
  return tried === 0 ? 'none' : `${((100 * noticed) / tried).toFixed(1)} %`;
}

/** @param {{ noticed: number, survived: number, unreached: number }} counts */
function described({ noticed, survived, unreached }) {
  return `(${noticed} noticed, ${survived} survived, ${unreached} not reached)`;
}
