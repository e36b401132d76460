/** The channel on which our schema announces changed definitions; the payload is the team id. */
export const definitionsChannel = 'halyard_definitions';
