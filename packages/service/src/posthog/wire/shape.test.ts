import { describe, expect, it } from 'vitest';
import { chooseShape, shapeOf } from './shape.ts';

describe('shape', () => {
  it.each([
    [undefined, 'decide-1'],
    [-3, 'decide-1'],
    [0, 'decide-1'],
    [1, 'decide-1'],
    [2, 'decide-2'],
    [3, 'legacy'],
    [4, 'v2'],
    [9, 'v2'],
  ])('H55: a decide request with v=%s gets %s', (version, shape) => {
    expect(shapeOf(version, true, true)).toBe(shape);
  });

  it.each([
    [undefined, 'legacy'],
    [-1, 'legacy'],
    [0, 'legacy'],
    [1, 'legacy'],
    [2, 'v2'],
    [3, 'v3'],
    [4, 'v3'],
    [99, 'v3'],
  ])('H55, H65: any other request with v=%s gets %s', (version, shape) => {
    expect(shapeOf(version, false, true)).toBe(shape);
  });

  it.each([
    [1, 'legacy'],
    [2, 'v2'],
    [3, 'v2'],
    [99, 'v2'],
  ])('H55, H65: without typed records v=%s gets %s', (version, shape) => {
    expect(shapeOf(version, false, false)).toBe(shape);
  });
});

describe('defaults of POST', () => {
  it('H23: without v and config: version 2 with configuration', () => {
    expect(chooseShape({ version: undefined, config: undefined, decide: false, typed: true })).toEqual({
      shape: 'v2',
      config: true,
    });
  });

  it('H23: with v alone: that version without configuration', () => {
    expect(chooseShape({ version: 2, config: undefined, decide: false, typed: true })).toEqual({
      shape: 'v2',
      config: false,
    });
    expect(chooseShape({ version: 1, config: undefined, decide: false, typed: true })).toEqual({
      shape: 'legacy',
      config: false,
    });
  });

  it('H23: with config alone: legacy shape, configuration as said', () => {
    expect(chooseShape({ version: undefined, config: true, decide: false, typed: true })).toEqual({
      shape: 'legacy',
      config: true,
    });
    expect(chooseShape({ version: undefined, config: false, decide: false, typed: true })).toEqual({
      shape: 'legacy',
      config: false,
    });
  });

  it('H23: a decide request has configuration unless it says otherwise', () => {
    expect(chooseShape({ version: undefined, config: undefined, decide: true, typed: true })).toEqual({
      shape: 'decide-1',
      config: true,
    });
    expect(chooseShape({ version: 3, config: undefined, decide: true, typed: true })).toEqual({
      shape: 'legacy',
      config: true,
    });
    expect(chooseShape({ version: 3, config: false, decide: true, typed: true })).toEqual({
      shape: 'legacy',
      config: false,
    });
  });
});
