import type { Door } from './door.ts';
import { EngineDoor } from './engine.ts';
import { HttpDoor } from './http.ts';
import { PythonDoor } from './python.ts';

const DOORS: Readonly<Record<string, () => Promise<Door>>> = {
  engine: () => Promise.resolve(new EngineDoor()),
  http: () => HttpDoor.open(),
  python: () => PythonDoor.open(),
};

export const doorNames: readonly string[] = Object.keys(DOORS);

/** Opens a door by its name. */
export function openDoor(name: string): Promise<Door> {
  const open = DOORS[name];
  if (open === undefined) throw new Error(`there is no door "${name}"`);
  return open();
}
