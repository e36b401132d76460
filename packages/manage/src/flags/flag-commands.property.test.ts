import fc from 'fast-check';
import { describe, it } from 'vitest';
import {
  type Flag,
  listFlags,
  readActivity,
  readFlag,
  readFlagVersion,
  Refusal,
  runLifecycleAction,
} from '../index.ts';
import { asking, dependsOn, ProjectFixture } from '../project.cases.ts';

const project = new ProjectFixture();

type Command =
  | { readonly kind: 'create'; readonly key: string; readonly on: readonly number[] }
  | { readonly kind: 'rename'; readonly at: number; readonly key: string }
  | { readonly kind: 'name'; readonly at: number; readonly name: string }
  | { readonly kind: 'depend'; readonly at: number; readonly on: readonly number[] }
  | { readonly kind: 'enable' | 'disable' | 'archive' | 'unarchive'; readonly at: number }
  | { readonly kind: 'delete' | 'restore'; readonly at: number };

const place = fc.nat({ max: 5 });
const key = fc.constantFrom('a', 'b', 'c', 'd');
const on = fc.array(place, { maxLength: 2 });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), key, on }),
  fc.record({ kind: fc.constant('rename' as const), at: place, key }),
  fc.record({ kind: fc.constant('name' as const), at: place, name: fc.constantFrom('', 'x', 'y') }),
  fc.record({ kind: fc.constant('depend' as const), at: place, on }),
  fc.record({ kind: fc.constantFrom('enable', 'disable', 'archive', 'unarchive'), at: place }),
  fc.record({ kind: fc.constantFrom('delete', 'restore'), at: place }),
);

/** What a plain model knows of a flag. */
interface Modelled {
  readonly id: number;
  /** Every state that a command has told of it. */
  readonly states: readonly Flag[];
}

class Model {
  readonly flags: Modelled[] = [];

  /** The targets of a command as ids; places that there are no flags at name none. */
  targets(places: readonly number[]): readonly { readonly id: number }[] {
    return [...new Set(places)].flatMap((at) => this.flags[at] ?? []);
  }

  keep(flag: Flag): void {
    const at = this.flags.findIndex(({ id }) => id === flag.id);
    const known = this.flags[at];
    if (known === undefined) {
      demand(flag.version === 1, 'a new flag has another version than 1');
      this.flags.push({ id: flag.id, states: [flag] });
      return;
    }
    const last = known.states.at(-1) as Flag;
    demand(flag.version >= last.version, 'a version is older than one before');
    this.flags[at] = { id: flag.id, states: [...known.states, flag] };
  }
}

function run(model: Model, step: Command): Promise<Flag> | null {
  if (step.kind === 'create') {
    return project.createFull(step.key, { filters: asking(...model.targets(step.on).map((flag) => dependsOn(flag))) });
  }
  const flag = model.flags[step.at];
  if (flag === undefined) return null;
  switch (step.kind) {
    case 'rename':
      return project.patch(flag.id, { key: step.key });
    case 'name':
      return project.patch(flag.id, { name: step.name });
    case 'depend':
      return project.patch(flag.id, { filters: asking(...model.targets(step.on).map((one) => dependsOn(one))) });
    case 'delete':
    case 'restore':
      return project.patch(flag.id, { deleted: step.kind === 'delete' });
    default: {
      const { kind } = step;
      return project.write((context) => runLifecycleAction(context, flag.id, kind));
    }
  }
}

/** Ids that a flag asks about. */
function targetsOf(flag: Flag): readonly number[] {
  return [...JSON.stringify(flag.filters).matchAll(/"key":"(\d+)"/g)].map(([, id]) => Number(id));
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function checkInvariants(model: Model): Promise<void> {
  const flags = new Map<number, Flag>();
  for (const { id } of model.flags) flags.set(id, await project.read((context) => readFlag(context, id)));
  const alive = [...flags.values()].filter((flag) => !flag.deleted);
  demand(new Set(alive.map((flag) => flag.key)).size === alive.length, 'two living flags have one key');
  for (const flag of alive) {
    demand(!(flag.archived && flag.active), 'an archived flag is on');
    const targets = targetsOf(flag).map((id) => flags.get(id));
    if (flag.active) {
      demand(
        targets.every((target) => target?.active === true && !target.deleted),
        'a flag that is asked about is off',
      );
    }
    const behind = new Set(targetsOf(flag));
    for (const id of behind) for (const next of targetsOf(flags.get(id) as Flag)) behind.add(next);
    demand(!behind.has(flag.id) || !flag.active, 'flags depend on each other');
  }
  for (const { id, states } of model.flags) {
    const { version } = flags.get(id) as Flag;
    const query = { scope: 'FeatureFlag', itemId: String(id), limit: 100, page: 1 };
    const { total } = await project.read((context) => readActivity(context, query));
    demand(total === version, `version ${version} has ${total} entries`);
    for (const state of states) {
      const then = await project.read((context) => readFlagVersion(context, id, state.version));
      for (const field of ['key', 'name', 'filters', 'active', 'archived', 'deleted'] as const) {
        const same = JSON.stringify(then[field]) === JSON.stringify(state[field]);
        demand(same, `version ${state.version} has another ${field} than it had`);
      }
    }
  }
  const { count } = await project.read((context) => listFlags(context, {}, { limit: 1, offset: 0 }));
  demand(count === alive.filter((flag) => !flag.archived).length, 'the list holds others than those that are alive');
}

describe('any sequence of commands', () => {
  it('M41, M45, M47, M48, M69, M161: keeps keys unique, flags without cycle, versions counted and history whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (steps) => {
        project.teamId = await project.newProject();
        const model = new Model();
        for (const step of steps) {
          try {
            const flag = await run(model, step);
            if (flag !== null) model.keep(flag);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
          }
        }
        await checkInvariants(model);
      }),
      { numRuns: 15 },
    );
  });
});
