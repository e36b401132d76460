import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { writeJson } from '../api/exact-json.ts';
import { flagQuery, projectsQuery } from '../api/queries.ts';
import { CopyButton } from '../design/copy-button.tsx';
import { variantsOf } from '../flag/edit.ts';
import { fieldsOf } from '../flag/flag.ts';
import { curlOf, terraformOf } from '../flag/snippets.ts';

/** How code asks for the flag, with this service's address and this project's token (K40). */
export function FlagCodePage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const token = projects.find(({ id }) => String(id) === project)?.api_token ?? '<project token>';
  const host = globalThis.location.origin;
  const name = JSON.stringify(flag.key);
  const hasVariants = variantsOf(flag).length > 0;
  const ada = { distinctId: 'ada', personProperties: {}, groups: {} };
  return (
    <div className="stack">
      <p className="quiet">The token is public: it may stand in pages and apps.</p>
      <Snippet title="curl" text={curlOf(host, token, flag.key, ada)} />
      <Snippet
        title="JavaScript in a page (posthog-js)"
        text={`posthog.init(${JSON.stringify(token)}, { api_host: ${JSON.stringify(host)} });\nposthog.onFeatureFlags(() => {\n  const value = posthog.${hasVariants ? 'getFeatureFlag' : 'isFeatureEnabled'}(${name});\n});`}
      />
      <Snippet
        title="Node (posthog-node)"
        text={`const posthog = new PostHog(${JSON.stringify(token)}, { host: ${JSON.stringify(host)} });\nconst value = await posthog.${hasVariants ? 'getFeatureFlag' : 'isFeatureEnabled'}(${name}, distinctId);`}
      />
      <Snippet
        title="Python (posthog)"
        text={`posthog = Posthog(${JSON.stringify(token)}, host=${JSON.stringify(host)})\nvalue = posthog.${hasVariants ? 'get_feature_flag' : 'feature_enabled'}(${name}, distinct_id)`}
      />
      <Snippet title="Terraform (PostHog’s provider)" text={terraformOf(fieldsOf(flag))} />
      <Snippet title="The definition, as JSON" text={writeJson(fieldsOf(flag), 2)} />
    </div>
  );
}

function Snippet({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section className="stack tight" aria-label={title}>
      <div className="row spread">
        <h2>{title}</h2>
        <CopyButton label={`Copy: ${title}`} text={text}>
          Copy
        </CopyButton>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long line scrolls, and has to be reached by keyboard */}
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
