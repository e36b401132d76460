import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { type Asked, explainQuery, flagQuery } from '../api/queries.ts';
import { AskedForm } from '../flag/asked-form.tsx';
import { useAsked } from '../flag/use-asked.ts';
import { changesOf, keptDraft } from '../flag/draft.ts';
import { ExplanationView } from '../flag/explanation-view.tsx';

/** Why somebody gets what: of what is stored, and of the draft beside it (K22). */
export function FlagExplainPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { user = '' } = useSearch({ from: '/inside/p/$project/flags/$key/explain' });
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const [asked, ask] = useAsked();
  const kept = keptDraft(project, flag.id);
  const draft = kept === null ? null : changesOf(kept.base, kept.fields);
  return (
    <div className="stack">
      <AskedForm initial={user} onAsked={ask} />
      {asked === null ? (
        <p className="quiet">Whose value is to be explained?</p>
      ) : (
        <div className="beside">
          <section className="stack tight" aria-label="As it is saved">
            {draft !== null && <h2>As it is saved</h2>}
            <Explained project={project} asked={asked} flag={flag.key} />
          </section>
          {draft !== null && (
            <section className="stack tight" aria-label="Draft">
              <h2>Your draft</h2>
              <Explained project={project} asked={asked} flag={flag.key} draft={draft} />
            </section>
          )}
        </div>
      )}
    </div>
  );
}

interface ExplainedProps {
  readonly project: string;
  readonly asked: Asked;
  readonly flag: string;
  readonly draft?: Readonly<Record<string, unknown>>;
}

function Explained({ project, asked, flag, draft }: ExplainedProps) {
  const { data, error } = useQuery(explainQuery(project, asked, flag, draft));
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  const [explanation] = data ?? [];
  if (explanation === undefined)
    return <p className="quiet">{data === undefined ? 'Reading …' : 'Nothing is known of this flag.'}</p>;
  return <ExplanationView explanation={explanation} />;
}
