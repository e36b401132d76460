import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { flagKeysQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Moment } from '../design/moment.tsx';
import { Pager } from '../design/pager.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useNames } from '../flag/use-names.ts';
import { isPaused, type Plan, planWords, recurrenceWords } from '../plans/plan.ts';
import { changePlan, deletePlan, PLAN_PAGE, plansQuery } from '../plans/plan-queries.ts';

const PlanDialog = lazy(async () => ({ default: (await import('../plans/plan-dialog.tsx')).PlanDialog }));

/** What will happen, in the order of time, and what has (M135 to M139). */
export function SchedulePage() {
  const { project } = useParams({ from: '/inside/p/$project/schedule' });
  const { plan: planned, done = false, page = 1 } = useSearch({ from: '/inside/p/$project/schedule' });
  const navigate = useNavigate({ from: '/p/$project/schedule' });
  const { data, error } = useQuery(plansQuery(project, done, page));
  const ids = [...new Set((data?.plans ?? []).map(({ record_id: id }) => Number(id)))].sort((a, b) => a - b);
  const { data: keys } = useQuery(flagKeysQuery(project, ids));
  const [going, setGoing] = useState<Plan | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (work: Promise<void>): Promise<void> => {
    setProblem(null);
    try {
      await work;
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
  };
  return (
    <div className="stack">
      <div className="row spread wrap">
        <h1>Schedule</h1>
        <Button look="primary" onPress={() => void navigate({ search: (before) => ({ ...before, plan: '' }) })}>
          Schedule a change …
        </Button>
      </div>
      <nav className="tabs" aria-label="Which changes">
        <Link to="/p/$project/schedule" params={{ project }} search={{}} aria-current={done ? undefined : 'page'}>
          Upcoming
        </Link>
        <Link
          to="/p/$project/schedule"
          params={{ project }}
          search={{ done: true }}
          aria-current={done ? 'page' : undefined}
        >
          Done
        </Link>
      </nav>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
      {data === undefined && error === null && <p className="quiet">Reading …</p>}
      {data !== undefined && data.count === 0 && (
        <div className="card stack tight empty">
          <h2>{done ? 'Nothing has run yet' : 'Nothing is scheduled'}</h2>
          <p className="quiet">Switch a flag, add a condition or change shares at a set time, once or repeatedly.</p>
        </div>
      )}
      <ol className="plain-list history" aria-label={done ? 'Done' : 'Upcoming'}>
        {data?.plans.map((plan) => (
          <PlanLine
            key={plan.id}
            project={project}
            plan={plan}
            flagKey={keys?.get(plan.record_id)}
            onPause={(recurs) => void run(changePlan(project, plan.id, { is_recurring: recurs }))}
            onDelete={() => setGoing(plan)}
          />
        ))}
      </ol>
      <Pager
        count={data?.count ?? 0}
        size={PLAN_PAGE}
        page={page}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
      />
      <Suspense fallback={null}>
        {planned !== undefined && (
          <PlanDialog
            project={project}
            flagKey={planned}
            onClose={() => void navigate({ search: (before) => ({ ...before, plan: undefined }), replace: true })}
          />
        )}
      </Suspense>
      <Dialog
        title="Delete the scheduled change"
        isOpen={going !== null}
        onClose={() => setGoing(null)}
        footer={
          <>
            <Button onPress={() => setGoing(null)}>Cancel</Button>
            <Button
              look="danger"
              onPress={() => {
                if (going !== null) void run(deletePlan(project, going.id));
                setGoing(null);
              }}
            >
              Delete
            </Button>
          </>
        }
      >
        <p>The flag stays as it is.</p>
      </Dialog>
    </div>
  );
}

interface PlanLineProps {
  readonly project: string;
  readonly plan: Plan;
  readonly flagKey: string | undefined;
  readonly onPause: (recurs: boolean) => void;
  readonly onDelete: () => void;
}

function PlanLine({ project, plan, flagKey, onPause, onDelete }: PlanLineProps) {
  const { names } = useNames(project, []);
  const repeats = recurrenceWords(plan);
  const isDone = plan.executed_at !== null;
  const name = flagKey ?? `flag ${plan.record_id}`;
  return (
    <li className="card row spread wrap top-aligned">
      <div className="plan-time">
        <strong>
          <Moment time={plan.executed_at ?? plan.scheduled_at} both />
        </strong>
      </div>
      <div className="grow plan-what">
        <div>
          {flagKey === undefined ? (
            <span className="quiet">Flag {plan.record_id}, which is deleted</span>
          ) : (
            <Link to="/p/$project/flags/$key" params={{ project, key: flagKey }} search={{}} className="mono">
              {flagKey}
            </Link>
          )}
          {isPaused(plan) && !isDone && <span className="tag spaced">Paused</span>}
          {isDone && (
            <span className={plan.failure_reason === null ? 'outcome good' : 'outcome bad'}>
              {plan.failure_reason === null ? '✓ Done' : '✕ Failed'}
            </span>
          )}
        </div>
        <p>{planWords(plan, names)}</p>
        {plan.failure_reason !== null && <p className="error">{plan.failure_reason}</p>}
        <p className="quiet small">
          {[repeats, plan.created_by === null ? '' : `scheduled by ${plan.created_by.email}`]
            .filter((words) => words !== '')
            .join(' · ')}
        </p>
      </div>
      {!isDone && (
        <div className="row tight">
          {repeats !== '' && (
            <Button
              look="plain"
              aria-label={`${isPaused(plan) ? 'Resume' : 'Pause'} the change of ${name}`}
              onPress={() => onPause(isPaused(plan))}
            >
              {isPaused(plan) ? 'Resume' : 'Pause'}
            </Button>
          )}
          <Button look="plain" aria-label={`Delete the change of ${name}`} onPress={onDelete}>
            Delete …
          </Button>
        </div>
      )}
    </li>
  );
}
