import { fromLocalEvaluation, KeyWriter, ProjectWriter } from 'halyard/host';
import { demoSecretKey, demoToken } from './demo.ts';
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
  await giveDemoItsKey(databaseUrl);
}

/** Gives the demo project its secret token, unless it has one: it may be from before there were any. Rejects with a `StoreError`. */
export async function giveDemoItsKey(databaseUrl: string): Promise<void> {
  const writer = await KeyWriter.open(databaseUrl);
  try {
    await writer.ensureSecret(demoToken, demoSecretKey);
  } finally {
    await writer.close();
  }
}
