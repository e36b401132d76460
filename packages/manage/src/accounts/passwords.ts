import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/*
 * Passwords as Django keeps them (M191): `pbkdf2_sha256$iterations$salt$base64`.
 */

const derive = promisify(pbkdf2);

const ITERATIONS = 600_000;
/** What a stored password may ask for; Django's own number grows by the year. */
const MOST_ITERATIONS = 10_000_000;
const BYTES = 32;

/** Hashing takes a thread of the process for a fifth of a second; one at a time leaves the others to those who evaluate flags. */
let last: Promise<unknown> = Promise.resolve();

function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = last.then(work, work);
  last = turn.catch(() => undefined);
  return turn;
}

/** What is stored of a password. */
export function hashPassword(password: string, iterations = ITERATIONS): Promise<string> {
  const salt = randomBytes(16).toString('hex').slice(0, 22);
  return inTurn(async () => {
    const digest = await derive(password, salt, iterations, BYTES, 'sha256');
    return `pbkdf2_sha256$${iterations}$${salt}$${digest.toString('base64')}`;
  });
}

/** Whether a password is the one that is stored; null: nothing is stored, which takes as long to find out. */
export function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const known = /^pbkdf2_sha256\$(\d{1,8})\$([^$]{1,64})\$([\w+/=]{1,88})$/.exec(stored ?? '');
  const iterations = Number(known?.[1] ?? ITERATIONS);
  const usable = known !== null && iterations > 0 && iterations <= MOST_ITERATIONS;
  const salt = known?.[2] ?? 'nobody';
  return inTurn(async () => {
    const digest = await derive(password, salt, usable ? iterations : ITERATIONS, BYTES, 'sha256');
    const expected = Buffer.from(known?.[3] ?? '', 'base64');
    return usable && expected.length === digest.length && timingSafeEqual(expected, digest);
  });
}

/** Why a password cannot be taken, with the framework's code; null: it can. */
export function passwordProblem(password: string): { readonly code: string; readonly detail: string } | null {
  if (password.length < 8) {
    return { code: 'password_too_short', detail: 'This password is too short. It must contain at least 8 characters.' };
  }
  if (/^\d+$/.test(password)) {
    return { code: 'password_entirely_numeric', detail: 'This password is entirely numeric.' };
  }
  return password.length > 1_000
    ? { code: 'max_length', detail: 'Ensure this field has no more than 1000 characters.' }
    : null;
}
