import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { flagQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { AskedForm } from '../flag/asked-form.tsx';
import { keepDraft, keptDraft } from '../flag/draft.ts';
import { withTarget } from '../flag/edit.ts';
import { CopyAsked, Explained } from '../flag/explained.tsx';
import { fieldsOf } from '../flag/flag.ts';
import { useAsked } from '../flag/use-asked.ts';

/** Why somebody gets what: of what is stored, and of the draft beside it (K22). */
export function FlagExplainPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const initial = useSearch({ from: '/inside/p/$project/flags/$key/explain' });
  const navigate = useNavigate();
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const [asked, ask] = useAsked();
  const kept = keptDraft(project, flag.id);
  const target = async (id: string): Promise<void> => {
    keepDraft(project, flag.id, {
      base: kept?.base ?? flag,
      fields: withTarget(kept?.fields ?? fieldsOf(flag), id),
    });
    await navigate({ to: '/p/$project/flags/$key', params: { project, key: flag.key }, search: {} });
  };
  return (
    <div className="stack">
      <AskedForm initial={initial} onAsked={ask} />
      {asked === null ? (
        <p className="quiet">Whose value is to be explained?</p>
      ) : (
        <>
          <div className="row wrap tight">
            <Button onPress={() => void target(asked.distinctId)}>Target only this user …</Button>
            <CopyAsked project={project} asked={asked} flag={flag.key} />
          </div>
          <Explained project={project} asked={asked} flag={flag} draft={kept === null ? null : kept.fields} />
        </>
      )}
    </div>
  );
}
