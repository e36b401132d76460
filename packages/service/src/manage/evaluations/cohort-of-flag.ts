import { addPersonsToCohort, createCohort, readFlag, renderCohort } from '@halyard/manage';
import { contextOf, namedFlag, read, write } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { type Call, created, endpoint } from '../frame/endpoint.ts';
import { compiledProject } from './ask.ts';

type ProjectCall = Call<'project', unknown>;

/** Persons that are evaluated side by side: their look-ups share statements. */
const AT_ONCE = 200;
/** Members of one write. */
const JOINING = 5_000;

/** Makes a static cohort of those whom a flag is on for (M95): answered at once, filled afterwards. */
export const cohortOfFlagEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/feature_flags/{id}/create_static_cohort_for_flag/',
  access: { only: 'session' },
  changes: 'definitions',
  summary: 'Makes a static cohort of those whom a flag is on for',
  answers: { 201: anyObject },
  handle: async (call) => {
    const flag = await read(call, function* load(context) {
      return yield* readFlag(context, yield* namedFlag(call, context));
    });
    const at = new Date(call.services.clock()).toISOString().slice(0, 19).replace('T', ' ');
    const name = `Users with feature flag ${flag.key} enabled at ${at}`.slice(0, 400);
    const { cohort } = await write(call, (context) => createCohort(context, { name, is_static: true }));
    call.services.background.begin((stop) => fill(call, flag.key, cohort.id, stop));
    return created({ cohort: renderCohort(cohort) });
  },
});

/** Whoever the flag is on for joins; one after the other may be in it before all are. */
async function fill(call: ProjectCall, key: string, cohortId: number, stop: AbortSignal): Promise<void> {
  const { project, services } = call;
  const compiled = await compiledProject(call);
  if (compiled === null) return;
  const joining: string[] = [];
  const join = async (): Promise<void> => {
    const people = joining.splice(0);
    if (people.length === 0) return;
    const context = contextOf(call);
    await services.database.write(() => addPersonsToCohort(context, cohortId, { person_ids: people }));
  };
  for (let after = 0; !stop.aborted; ) {
    const page = await services.persons(project.teamId, after, AT_ONCE);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
    const isOn = await Promise.all(
      page.map(async ({ distinctId }) => {
        // Persons without any id cannot be asked about, and no flag ever asks about them.
        if (distinctId === null) return false;
        const request = {
          distinctId,
          now: services.clock(),
          flagKeys: [key],
          runtime: 'all',
          skipWrites: true,
        } as const;
        const { results } = await compiled.evaluate(request);
        return results.find(({ flag }) => flag.key === key)?.enabled === true;
      }),
    );
    joining.push(...page.filter((_, at) => isOn[at] === true).map(({ uuid }) => uuid));
    if (joining.length >= JOINING) await join();
  }
  await join();
}
