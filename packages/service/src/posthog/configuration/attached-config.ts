import { type JsonObject, jsonText } from '@halyard/json';
import { asciiJson } from '../../http/ascii-json.ts';
import type { Headers } from '../../http/messages.ts';
import type { Project } from '../ports.ts';
import { configMembers } from '../wire/config.ts';
import { type ConfiguredProject, type ProjectDocument, projectDocument } from './project-document.ts';
import { mayRecord } from './recording-domains.ts';

/** The texts of one project's configuration, for those who may record and for the others. */
interface Texts {
  readonly domains: ProjectDocument['domains'];
  readonly all: string;
  readonly silent: string;
}

/** They go when the project's settings go. */
const bySettings = new WeakMap<JsonObject, Texts>();

/**
 * The configuration of a project as JSON text, for this caller (H156, H159); null: it has none of its own.
 *
 * @param recording false: sessions are not recorded, whoever asks (H157)
 */
export function configText(project: Project, headers: Headers, recording = true): string | null {
  const { project: configured } = project;
  if (configured === undefined || Object.keys(configured.settings).length === 0) return null;
  const texts = textsOf(configured);
  return recording && mayRecord(headers, texts.domains) ? texts.all : texts.silent;
}

/** The members of the configuration that an answer carries, each with a comma in front (H155, H158). */
export function attachedMembers(project: Project, headers: Headers, recording: boolean): string {
  const text = configText(project, headers, recording);
  return text === null ? configMembers : `,${text.slice(1, -1)}`;
}

function textsOf(project: ConfiguredProject): Texts {
  let texts = bySettings.get(project.settings);
  if (texts === undefined) {
    const { document, domains } = projectDocument(project);
    texts = {
      domains,
      all: asciiJson(jsonText(document)),
      silent: asciiJson(jsonText({ ...document, sessionRecording: false })),
    };
    bySettings.set(project.settings, texts);
  }
  return texts;
}
