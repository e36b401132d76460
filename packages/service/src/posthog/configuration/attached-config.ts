import { jsonText } from '@halyard/json';
import { asciiJson } from '../../http/ascii-json.ts';
import type { Headers } from '../../http/messages.ts';
import type { Project } from '../ports.ts';
import { configMembers } from '../wire/config.ts';
import { type ConfiguredProject, type ProjectDocument, projectDocument } from './project-document.ts';
import { mayRecord } from './recording-domains.ts';

/** One project's configuration, and its texts for those who may record or chat and for the others. */
interface Texts {
  readonly of: ProjectDocument;
  /** By what is switched off for the caller. */
  readonly texts: Map<'' | 'recording' | 'chat' | 'both', string>;
}

/** They go when what was read of the project goes. */
const byProject = new WeakMap<ConfiguredProject, Texts>();

/** Members of an answer that the configuration beside them (H155) must not repeat. */
const OF_THE_ANSWER = [
  'errorsWhileComputingFlags',
  'flags',
  'featureFlags',
  'featureFlagPayloads',
  'quota_limited',
  'requestId',
  'evaluatedAt',
  'minimalFlagCalledEvents',
];

/**
 * The configuration of a project as JSON text, for this caller (H156, H159); null: it has none of its own.
 *
 * @param recording false: sessions are not recorded, whoever asks (H157)
 */
export function configText(project: Project, headers: Headers, recording = true): string | null {
  const known = textsOf(project);
  if (known === null) return null;
  const isSilent = !recording || !mayRecord(headers, known.of.domains);
  const isMute = !mayRecord(headers, known.of.chatDomains);
  const off = isSilent ? (isMute ? 'both' : 'recording') : isMute ? 'chat' : '';
  let text = known.texts.get(off);
  if (text === undefined) {
    const document = {
      ...known.of.document,
      ...(isSilent ? { sessionRecording: false } : {}),
      ...(isMute ? { conversations: false } : {}),
    };
    known.texts.set(off, (text = asciiJson(jsonText(document))));
  }
  return text;
}

/** What the configuration says beside its document: site apps for the script, and surveys; null: the project has none of its own. */
export function configOf(project: Project): ProjectDocument | null {
  return textsOf(project)?.of ?? null;
}

/** The members of the configuration that an answer carries, each with a comma in front (H155, H158). */
export function attachedMembers(project: Project, headers: Headers, recording: boolean): string {
  const text = configText(project, headers, recording);
  return text === null ? configMembers : `,${text.slice(1, -1)}`;
}

function textsOf({ project }: Project): Texts | null {
  if (project === undefined || Object.keys(project.settings).length === 0) return null;
  let known = byProject.get(project);
  if (known === undefined) {
    const of = projectDocument(project);
    const document = Object.fromEntries(Object.entries(of.document).filter(([name]) => !OF_THE_ANSWER.includes(name)));
    byProject.set(project, (known = { of: { ...of, document }, texts: new Map() }));
  }
  return known;
}
