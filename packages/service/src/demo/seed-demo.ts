import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { demoToken } from './demo.ts';
import { demoDefinitions } from './demo-definitions.ts';
import { demoFacts } from './demo-facts.ts';

/** Writes the demo project with its people. Rejects with a `StoreError`; nothing is written then. */
export async function seedDemo(databaseUrl: string): Promise<void> {
  const writer = await ProjectWriter.open(databaseUrl);
  try {
    await writer.importDefinitions(fromLocalEvaluation(demoDefinitions), {
      token: demoToken,
      name: 'Demo',
      facts: demoFacts,
    });
  } finally {
    await writer.close();
  }
}
