import { describeResults, explainStep, loadDefinitions, problemsOf, referencesOf, step, unload } from './door.ts';
import { guarded } from './answer.ts';
import { drop, resume } from './conversations.ts';
import { tellFreshness } from './freshness.ts';
import { lookAtProject, lookInsideTransaction, readProject, readReferences } from './projects.ts';
import { sendToChannel, tellNotices } from './notices.ts';
import { takeReports } from './stores.ts';
import { exportDocument, importDocument } from './documents.ts';
import { makeMailbox } from './mailbox.ts';
import { migrateTables, migrationTexts } from './migrations.ts';
import { callPart } from './parts.ts';
import { recentPeople } from './people.ts';

/**
 * What a host in another language calls: functions from text to text that never throw. An answer that begins with `!`
 * is an error as JSON; the other forms stand with each function. The bundle leaves this object as the global `halyard`, with
 * a `mailbox` for `step` besides.
 */
export const halyard = {
  load: guarded(loadDefinitions),
  unload: guarded(unload),
  problems: guarded(problemsOf),
  references: guarded(referencesOf),
  project: guarded(readProject),
  look: guarded(lookAtProject),
  lookInside: guarded(lookInsideTransaction),
  freshness: guarded(tellFreshness),
  notices: guarded(tellNotices),
  sendNotice: guarded(sendToChannel),
  loadReferences: guarded(readReferences),
  resume: guarded(resume),
  drop: guarded(drop),
  reports: guarded(takeReports),
  step: guarded(step),
  describe: guarded(describeResults),
  explain: guarded(explainStep),
  part: guarded(callPart),
  migrations: guarded(migrationTexts),
  migrate: guarded(migrateTables),
  importDocument: guarded(importDocument),
  exportDocument: guarded(exportDocument),
  recentPeople: guarded(recentPeople),
} as const;

Object.assign(globalThis, { halyard: { ...halyard, mailbox: makeMailbox(halyard.step) } });
