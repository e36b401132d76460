/** The Pythons that the package runs on: the tests run with each that is found. */
export const pythons = ['3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];

/**
 * The newest release of every Django that the package supports, oldest first, and the Pythons that Django says it runs
 * on. The test dependencies in python/pyproject.toml name none: these are the ones installed.
 */
export const djangos = [
  { version: '4.2.30', oldest: '3.10', newest: '3.12' },
  { version: '5.2.19', oldest: '3.10', newest: '3.14' },
  { version: '6.0.10', oldest: '3.12', newest: '3.14' },
  { version: '6.1.3', oldest: '3.12', newest: undefined },
];

/**
 * @typedef {object} TestRun
 * @property {string} python such as 3.12
 * @property {string} django such as 5.2.19
 * @property {'' | 'not once' | 'not once or django' | 'django'} marks which tests, as pytest's option -m says it; all without
 */

/**
 * What to run: everything with the first Python, and with each further one what may differ between Pythons, each time with
 * the newest Django; then, with every Django that those leave, what uses Django.
 *
 * @param {string} first
 * @param {readonly string[]} further
 */
export function planRuns(first, further) {
  /** @type {TestRun[]} */
  const runs = [{ python: first, django: newestDjango(first), marks: '' }];
  /** @param {string} version */
  const isPlanned = (version) => runs.some(({ django }) => django === version);
  for (const python of further) {
    const django = newestDjango(python);
    runs.push({ python, django, marks: isPlanned(django) ? 'not once' : 'not once or django' });
  }
  for (const python of [first, ...further]) {
    for (const django of djangosFor(python)) if (!isPlanned(django)) runs.push({ python, django, marks: 'django' });
  }
  return runs;
}

/** @param {string} python */
export function newestDjango(python) {
  const newest = djangosFor(python).at(-1);
  if (newest === undefined) throw new Error(`no Django for Python ${python}`);
  return newest;
}

/**
 * @param {string} python
 * @returns {string[]} versions, oldest first
 */
function djangosFor(python) {
  return djangos
    .filter(({ oldest, newest = python }) => minor(oldest) <= minor(python) && minor(python) <= minor(newest))
    .map(({ version }) => version);
}

/** @param {string} python */
const minor = (python) => Number(python.split('.')[1]);

/**
 * What these runs leave unproven, one line each.
 *
 * @param {readonly TestRun[]} runs
 */
export function notRun(runs) {
  const left = pythons.filter((python) => !runs.some((run) => run.python === python));
  const djangosLeft = djangos.filter(({ version }) => !runs.some((run) => run.django === version));
  return [
    ...(left.length > 0 ? [`Python ${left.join(', ')} (HALYARD_PYTHONS lists the commands of further ones)`] : []),
    ...djangosLeft.map(
      ({ version, oldest, newest }) => `Django ${version} (needs Python ${oldest} to ${newest ?? pythons.at(-1)})`,
    ),
  ];
}
