/** The shapes of an evaluation answer (section 7 of the contract). */
export type Shape = 'v3' | 'v2' | 'legacy' | 'decide-1' | 'decide-2';

export interface ShapeChoice {
  readonly shape: Shape;
  /** Attach the project configuration (H155). */
  readonly config: boolean;
}

export interface ShapeRequest {
  readonly version: number | undefined;
  readonly config: boolean | undefined;
  /** The request says that it speaks the old decide protocol (H3). */
  readonly decide: boolean;
  /** Typed records are switched on (H65). */
  readonly typed: boolean;
}

/** Shape and configuration of an answer to POST (H23, H55). */
export function chooseShape(request: ShapeRequest): ShapeChoice {
  const { version, config, decide, typed } = request;
  if (version === undefined && config === undefined && !decide) return { shape: 'v2', config: true };
  return { shape: shapeOf(version, decide, typed), config: config ?? decide };
}

/** The shape of H55. It alone decides for the minimal response, where the defaults of H23 do not count. */
export function shapeOf(version: number | undefined, decide: boolean, typed: boolean): Shape {
  const asked = version ?? 1;
  if (!decide) {
    if (asked >= 3 && typed) return 'v3'; // H65: higher numbers read as 3
    return asked < 2 ? 'legacy' : 'v2';
  }
  if (asked < 2) return 'decide-1';
  if (asked === 2) return 'decide-2';
  return asked === 3 ? 'legacy' : 'v2';
}
