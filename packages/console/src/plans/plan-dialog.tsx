import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { flagQuery } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Switch } from '../design/toggles.tsx';
import { ConditionBody } from '../flag/condition-card.tsx';
import { EditScope } from '../flag/edit-scope.tsx';
import { shareSum, variantsOf } from '../flag/edit.ts';
import type { Condition, Flag, Variant } from '../flag/flag.ts';
import { percentOf } from '../flag/percent.ts';
import { ShareField } from '../flag/share-field.tsx';
import { choicesQuery } from '../list/list-queries.ts';
import { createPlan } from './plan-queries.ts';

interface PlanDialogProps {
  readonly project: string;
  /** Key of the flag; '': it is still to be chosen. */
  readonly flagKey: string;
  readonly onClose: () => void;
}

/** A change of a flag that is to happen later (M136, M137). */
export function PlanDialog({ project, flagKey, onClose }: PlanDialogProps) {
  const [key, setKey] = useState(flagKey);
  const { data: found } = useQuery({ ...choicesQuery(project, 'flag', key), enabled: key !== '' });
  const isKnown = key !== '' && (key === flagKey || (found ?? []).some(({ value }) => value === key));
  const { data: flag } = useQuery({ ...flagQuery(project, key), enabled: isKnown });
  return flag !== undefined && isKnown && flag.key === key ? (
    <PlanForm key={flag.id} project={project} flag={flag} onClose={onClose} onOther={() => setKey('')} />
  ) : (
    <Dialog title="Schedule a change" isOpen onClose={onClose} footer={<Button onPress={onClose}>Cancel</Button>}>
      <TextField
        label="Flag"
        value={key}
        onChange={setKey}
        placeholder="Key"
        suggestions={(found ?? []).map(({ value }) => value)}
        error={key !== '' && found?.length === 0 ? 'There is no flag of this key.' : null}
        mono
        autoFocus
      />
    </Dialog>
  );
}

interface PlanFormProps {
  readonly project: string;
  readonly flag: Flag;
  readonly onClose: () => void;
  readonly onOther: () => void;
}

const intervals = ['daily', 'weekly', 'monthly', 'yearly'];

function PlanForm({ project, flag, onClose, onOther }: PlanFormProps) {
  const variants = variantsOf(flag);
  const [kind, setKind] = useState('update_status');
  const [isOn, setOn] = useState(!flag.active);
  const [condition, setCondition] = useState<Condition>({ properties: [], rollout_percentage: Number.NaN });
  const [shares, setShares] = useState<readonly Variant[]>(variants);
  const [time, setTime] = useState(() => localTime(Date.now() + 86_400_000));
  const [recurs, setRecurs] = useState('');
  const [cron, setCron] = useState('');
  const [end, setEnd] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const at = (attr: string): string | null => (problem?.attr === attr ? problem.message : null);
  const hindrance = hindranceOf(kind, condition, shares, time, recurs, cron);
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await createPlan(project, {
        record_id: String(flag.id),
        model_name: 'FeatureFlag',
        payload: payloadOf(kind, isOn, condition, shares),
        scheduled_at: new Date(time).toISOString(),
        ...(recurs === '' ? {} : { is_recurring: true }),
        ...(recurs === 'cron' ? { cron_expression: cron } : recurs === '' ? {} : { recurrence_interval: recurs }),
        ...(recurs === '' || end === '' ? {} : { end_date: new Date(end).toISOString() }),
      });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={
        <>
          Schedule a change of <code>{flag.key}</code>
        </>
      }
      isOpen
      onClose={onClose}
      footer={
        <>
          <span className="grow quiet small" role="status">
            {hindrance}
          </span>
          <Button onPress={onOther}>Another flag</Button>
          <Button look="primary" isPending={isBusy} isDisabled={hindrance !== null} onPress={() => void save()}>
            Schedule
          </Button>
        </>
      }
    >
      <Chooser
        label="What happens"
        value={kind}
        choices={[
          { id: 'update_status', text: 'Switch it on or off' },
          ...(flag.filters.version === 2 ? [] : [{ id: 'add_release_condition', text: 'Add a condition' }]),
          ...(variants.length === 0 ? [] : [{ id: 'update_variants', text: 'Change the variants’ shares' }]),
        ]}
        onChange={(next) => {
          setKind(next);
          if (next === 'add_release_condition') setRecurs('');
        }}
      />
      {kind === 'update_status' && (
        <Switch isSelected={isOn} onChange={setOn}>
          {isOn ? 'On, for whom the conditions let in' : 'Off for everybody'}
        </Switch>
      )}
      {kind === 'add_release_condition' && (
        <EditScope project={project} flagId={flag.id}>
          <ConditionBody condition={condition} number={1} place="" variants={variants} onChange={setCondition} />
        </EditScope>
      )}
      {kind === 'update_variants' && (
        <div className="stack tight">
          {shares.map((variant, i) => (
            <div key={variant.key} className="row wrap">
              <code className="kind">{variant.key}</code>
              <ShareField
                label={`Share of ${variant.key}`}
                value={percentOf(variant.rollout_percentage)}
                onChange={(share) =>
                  setShares(shares.map((one, j) => (i === j ? { ...one, rollout_percentage: share } : one)))
                }
              />
            </div>
          ))}
        </div>
      )}
      <div className="row wrap top-aligned">
        <div className="field grow">
          <label htmlFor="plan-time">When</label>
          <input id="plan-time" type="datetime-local" value={time} onChange={(event) => setTime(event.target.value)} />
          <span className="hint">{utcWords(time)}</span>
          {at('scheduled_at') !== null && <span className="error">{at('scheduled_at')}</span>}
        </div>
        <div className="grow">
          <Chooser
            label="How often"
            value={recurs}
            isDisabled={kind === 'add_release_condition'}
            choices={[
              { id: '', text: 'Once' },
              ...intervals.map((id) => ({ id, text: `${id.charAt(0).toUpperCase()}${id.slice(1)}` })),
              { id: 'cron', text: 'By a cron expression' },
            ]}
            onChange={setRecurs}
          />
        </div>
      </div>
      {recurs !== '' && (
        <div className="row wrap top-aligned">
          {recurs === 'cron' && (
            <div className="grow">
              <TextField
                label="Cron expression"
                value={cron}
                onChange={setCron}
                placeholder="0 18 * * 5"
                hint="Minute, hour, day, month, weekday, in the project’s time zone."
                error={at('cron_expression')}
                mono
              />
            </div>
          )}
          <div className="field grow">
            <label htmlFor="plan-end">Until (optional)</label>
            <input id="plan-end" type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} />
            {at('end_date') !== null && <span className="error">{at('end_date')}</span>}
          </div>
        </div>
      )}
      <p className="hint">It is checked again when it runs. The history shows you as its author.</p>
      {problem !== null && !['scheduled_at', 'cron_expression', 'end_date'].includes(problem.attr ?? '') && (
        <ProblemNotice>{problem.message}</ProblemNotice>
      )}
    </Dialog>
  );
}

function payloadOf(kind: string, isOn: boolean, condition: Condition, variants: readonly Variant[]): object {
  if (kind === 'add_release_condition') return { operation: kind, value: { groups: [condition] } };
  if (kind === 'update_variants') return { operation: kind, value: { variants } };
  return { operation: kind, value: isOn };
}

function hindranceOf(
  kind: string,
  { rollout_percentage: share, properties }: Condition,
  variants: readonly Variant[],
  time: string,
  recurs: string,
  cron: string,
): string | null {
  if (Number.isNaN(Date.parse(time))) return 'Choose a time.';
  if (kind === 'add_release_condition' && (typeof share !== 'number' || !Number.isFinite(share)))
    return 'Choose the share of the condition.';
  if (kind === 'add_release_condition' && (properties ?? []).some(({ key }) => key === '')) return 'Name the property.';
  const sum = shareSum(variants);
  if (kind === 'update_variants' && Math.abs(sum - 100) > 0.01) return `The shares come to ${sum} %, not to 100 %.`;
  if (recurs === 'cron' && cron.trim() === '') return 'Enter a cron expression.';
  return null;
}

/** A moment as a field of the browser has it, in the reader's zone. */
function localTime(time: number): string {
  const date = new Date(Math.ceil(time / 3_600_000) * 3_600_000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function utcWords(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? ''
    : `In your time zone; ${date.toISOString().replace('T', ' ').slice(0, 16)} UTC`;
}
