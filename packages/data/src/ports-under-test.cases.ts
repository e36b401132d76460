import type { DefinitionSource, FactSource } from './ports.ts';

/** An adapter under test, holding one project made of the given data. */
export interface PortsUnderTest {
  readonly definitions: DefinitionSource;
  readonly facts: FactSource;
  readonly teamId: number;
  readonly token: string;
}
