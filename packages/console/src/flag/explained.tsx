import { useQuery } from '@tanstack/react-query';
import { type Asked, explainQuery, projectsQuery } from '../api/queries.ts';
import { CopyButton } from '../design/copy-button.tsx';
import { changesOf } from './draft.ts';
import { variantsOf } from './edit.ts';
import { ExplanationView } from './explanation-view.tsx';
import type { Flag, FlagFields } from './flag.ts';
import { curlOf } from './snippets.ts';
import { useSettled } from './use-settled.ts';

interface ExplainedProps {
  readonly project: string;
  readonly asked: Asked;
  readonly flag: Flag;
  /** What it would be; null: it is as it is stored. */
  readonly draft: FlagFields | null;
}

/** Why somebody gets what: of what is stored and, where it differs, of the draft beside it (K22). */
export function Explained({ project, asked, flag, draft }: ExplainedProps) {
  const settled = useSettled(draft);
  const changes = settled === null ? {} : changesOf(flag, settled);
  const hasDraft = Object.keys(changes).length > 0;
  return (
    <div className="beside">
      <section className="stack tight" aria-label="As it is saved">
        {hasDraft && <h2>As it is saved</h2>}
        <One project={project} asked={asked} flag={flag.key} variants={flag} />
      </section>
      {hasDraft && settled !== null && (
        <section className="stack tight" aria-label="Draft">
          <h2>Your draft</h2>
          <One project={project} asked={asked} flag={flag.key} draft={changes} variants={settled} />
        </section>
      )}
    </div>
  );
}

interface OneProps {
  readonly project: string;
  readonly asked: Asked;
  readonly flag: string;
  readonly draft?: Readonly<Record<string, unknown>>;
  readonly variants: FlagFields;
}

function One({ project, asked, flag, draft, variants }: OneProps) {
  const { data, error } = useQuery(explainQuery(project, asked, flag, draft));
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  const [explanation] = data ?? [];
  if (explanation === undefined)
    return <p className="quiet">{data === undefined ? 'Reading …' : 'Nothing is known of this flag.'}</p>;
  return <ExplanationView explanation={explanation} variants={variantsOf(variants)} />;
}

/** What can be taken along from an explanation (K23). */
export function CopyAsked({
  project,
  asked,
  flag,
}: {
  readonly project: string;
  readonly asked: Asked;
  readonly flag: string;
}) {
  const { data: projects } = useQuery(projectsQuery);
  const token = projects?.find(({ id }) => String(id) === project)?.api_token ?? '<project token>';
  const { origin } = globalThis.location;
  const query = new URLSearchParams({ user: JSON.stringify(asked.distinctId) });
  if (Object.keys(asked.personProperties).length > 0) query.set('person', JSON.stringify(asked.personProperties));
  if (Object.keys(asked.groups).length > 0) query.set('groups', JSON.stringify(asked.groups));
  const link = `${origin}/console/p/${project}/flags/${encodeURIComponent(flag)}/explain?${query.toString()}`;
  return (
    <>
      <CopyButton text={curlOf(origin, token, flag, asked)}>Copy as curl</CopyButton>
      <CopyButton text={link}>Copy link</CopyButton>
    </>
  );
}
