import {
  createUser as createUserWork,
  hashPassword,
  levels,
  passwordProblem,
  randomText,
  Refusal,
  resetPassword as resetWork,
  Transactions,
} from '@halyard/manage';
import type { Settings } from '../operate/settings/table.ts';
import type { Output } from './io.ts';
import { UserError } from './problem-line.ts';
import type { OutputOptions } from './projects.ts';
import { aligned, jsonLine } from './table-text.ts';
import { withOwnDatabase } from './writing.ts';

export interface PasswordOptions extends OutputOptions {
  /** Take the password from standard input instead of making one. */
  readonly passwordStdin?: boolean;
}

export interface CreateUserOptions extends PasswordOptions {
  readonly name?: string;
  readonly level: keyof typeof levels;
}

/** Where passwords are read from, and results written to. */
export interface UserIo extends Output {
  /** The first line of standard input. */
  readonly passwordLine: () => Promise<string>;
}

/** `halyard user create EMAIL`: somebody who can sign in, a member of every organization. A password that is made is shown this once. */
export async function createUser(
  settings: Settings,
  email: string,
  options: CreateUserOptions,
  io: UserIo,
): Promise<void> {
  checkAddress(email);
  const password = await passwordOf(options, io);
  const passwordHash = await hashPassword(password);
  const user = { email, firstName: options.name ?? '', passwordHash };
  const id = await work(settings, 'make users', (database) =>
    database.write(() => createUserWork(user, levels[options.level], 'Default organization')),
  );
  show(options, io, [
    ['user', String(id)],
    ['email', email],
    ['level', options.level],
    ...(options.passwordStdin === true ? [] : [['password', password] as const]),
  ]);
}

/** `halyard user reset-password EMAIL`: a new password, shown this once; the user is signed out everywhere. */
export async function resetPassword(
  settings: Settings,
  email: string,
  options: PasswordOptions,
  io: UserIo,
): Promise<void> {
  const password = await passwordOf(options, io);
  const passwordHash = await hashPassword(password);
  const isDone = await work(settings, 'change passwords', (database) =>
    database.write(() => resetWork(email, passwordHash)),
  );
  if (!isDone) throw new UserError(`There is no user ${email}. Make one with: halyard user create ${email}.`);
  show(options, io, [['email', email], ...(options.passwordStdin === true ? [] : [['password', password] as const])]);
}

function show({ json }: OutputOptions, io: Output, rows: readonly (readonly [string, string])[]): void {
  if (json === true) return io.print(jsonLine(Object.fromEntries(rows)));
  const isShown = rows.some(([name]) => name === 'password');
  io.print(`${aligned(rows)}${isShown ? 'The password is not shown again. Change it after signing in.\n' : ''}`);
}

async function passwordOf({ passwordStdin }: PasswordOptions, io: UserIo): Promise<string> {
  if (passwordStdin !== true) return randomText(20);
  const password = await io.passwordLine();
  const problem = passwordProblem(password);
  if (problem !== null) throw new UserError(problem.detail);
  return password;
}

function checkAddress(email: string): void {
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) {
    throw new UserError(`${email} is no mail address. Give one such as ada@example.com.`);
  }
}

/** Runs on the writer, and says refusals as mistakes of whoever called. */
async function work<Result>(
  settings: Settings,
  purpose: string,
  run: (database: Transactions) => Promise<Result>,
): Promise<Result> {
  return withOwnDatabase(settings, purpose, async (url) => {
    const database = new Transactions(url, { size: 1 });
    try {
      return await run(database);
    } catch (error) {
      if (error instanceof Refusal) throw new UserError(error.message);
      throw error;
    } finally {
      await database.close();
    }
  });
}
