import { spawnSync } from 'node:child_process';
import { pythons } from './python-versions.mjs';

const [oldest = ''] = pythons;

export const noPython = `Python ${oldest} or later with venv and pip is needed (set HALYARD_PYTHON to name one)`;

/**
 * @typedef {object} Python
 * @property {string} command
 * @property {string} version such as 3.12
 */

/**
 * Finds a Python that the package runs on: HALYARD_PYTHON, or what the PATH has.
 *
 * @returns {Python | null}
 */
export function findPython() {
  const named = process.env['HALYARD_PYTHON'];
  for (const command of named === undefined ? ['python3', 'python'] : [named]) {
    const found = look(command);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Finds one further Python of each version among the commands that HALYARD_PYTHONS lists.
 *
 * @param {Python} first left out
 * @returns {Python[]}
 */
export function findFurtherPythons(first) {
  const named = (process.env['HALYARD_PYTHONS'] ?? '')
    .split(',')
    .map((command) => command.trim())
    .filter(Boolean);
  const found = [first];
  for (const command of named) {
    const python = look(command);
    if (python === null)
      console.log(
        `NOT RUN: ${command} of HALYARD_PYTHONS: there is no such Python of ${oldest} or later with venv and pip.`,
      );
    if (python !== null && !found.some(({ version }) => version === python.version)) found.push(python);
  }
  return found.slice(1);
}

/**
 * @param {string} command
 * @returns {Python | null} null if the package does not run on it
 */
function look(command) {
  // pyenv puts a python3.12 on the PATH that works only where its version is chosen.
  const [, pyenv] = /^python(3\.\d+)$/.exec(command) ?? [];
  const { status, stdout } = spawnSync(
    command,
    ['-c', 'import sys, venv, ensurepip; print(*sys.version_info[:2], sys.executable)'],
    { encoding: 'utf8', env: { ...process.env, ...(pyenv === undefined ? {} : { PYENV_VERSION: pyenv }) } },
  );
  const [, minor, executable] = /^3 (\d+) (.+)$/.exec(status === 0 ? stdout.trim() : '') ?? [];
  if (executable === undefined || Number(minor) < Number(oldest.split('.')[1])) return null;
  return { command: executable, version: `3.${minor}` };
}
