import type { FlagValues } from '@halyard/engine/review';
import { ANYTHING, type Shape, shapesOf } from './value-shape.ts';

/**
 * A module of Python (3.10 and later) with the keys, values and payloads of flags. `typed` gives posthog-python, the module or a client,
 * these types, and `typed_flags` the flags of `halyard`.
 */
export function pythonOf(flags: readonly FlagValues[]): string {
  const classes = new Classes();
  const payloads = flags.map(({ key, payloads: values }) => ({ key, type: classes.union(shapesOf(values), key) }));
  const values = flags.map(({ key, values: given }) => ({ key, type: valueType(given) }));
  const withPayload = payloads.filter((_, at) => (flags[at]?.payloads.length ?? 0) > 0);
  return `${HEAD}
${keysOf(flags)}
${classes.text}

class TypedClient(Protocol):
    """posthog-python: the module, or a client."""

${methods('get_feature_flag', CLIENT_ARGUMENTS, values)}
    def feature_enabled(self, key: FlagKey, ${CLIENT_ARGUMENTS}) -> bool | None: ...

${methods('get_feature_flag_payload', CLIENT_ARGUMENTS, withPayload)}

class TypedFlags(Protocol):
    """The flags of one evaluation, of halyard."""

${methods('value', '', values)}
    def is_enabled(self, key: FlagKey) -> bool: ...

${methods('payload', '', withPayload)}

def typed(client: object) -> TypedClient:
    """The same client: only its types are others."""
    return cast(TypedClient, client)


def typed_flags(flags: object) -> TypedFlags:
    """The same flags: only their types are others."""
    return cast(TypedFlags, flags)
`;
}

const HEAD = `"""Made by \`halyard types\` from the definitions of flags. Make it again instead of editing it."""

# ruff: noqa
# fmt: off

from typing import Any, Literal, NoReturn, Protocol, TypedDict, Union, cast, overload

__all__ = ["FlagKey", "TypedClient", "TypedFlags", "typed", "typed_flags"]
`;

const CLIENT_ARGUMENTS = 'distinct_id: str, *args: Any, **options: Any';

interface Typed {
  readonly key: string;
  readonly type: string;
}

function keysOf(flags: readonly FlagValues[]): string {
  if (flags.length === 0) return 'FlagKey = NoReturn\n';
  return `FlagKey = Literal[\n${flags.map(({ key }) => `    ${text(key)},\n`).join('')}]\n`;
}

function valueType(values: readonly (boolean | string)[]): string {
  if (values.length === 2 && values[0] === false && values[1] === true) return 'bool';
  return `Literal[${values.map((value) => (typeof value === 'string' ? text(value) : value ? 'True' : 'False')).join(', ')}]`;
}

/** A method with one signature for all keys of a type: checkers read them one after the other. */
function methods(name: string, others: string, typed: readonly Typed[]): string {
  const byType = new Map<string, string[]>();
  for (const { key, type } of typed) byType.set(type, [...(byType.get(type) ?? []), key]);
  const signatures = [...byType].map(([type, keys]) => {
    const key = `Literal[${keys.map(text).join(', ')}]`;
    return `    def ${name}(self, key: ${key}${others === '' ? '' : `, ${others}`}) -> ${optional(type)}: ...\n`;
  });
  if (signatures.length === 0)
    return `    def ${name}(self, key: NoReturn${others === '' ? '' : `, ${others}`}) -> Any: ...\n`;
  if (signatures.length === 1) return signatures.join('');
  return signatures.map((signature) => `    @overload\n${signature}`).join('');
}

function optional(type: string): string {
  return type === 'Any' ? type : `${type} | None`;
}

/** Objects are classes in Python, each with a name. */
class Classes {
  readonly #names = new Map<string, string>();
  readonly #used = new Set<string>(['FlagKey', 'TypedClient', 'TypedFlags', 'Any', 'Literal', 'NoReturn', 'Protocol']);
  text = '';

  union(shapes: readonly Shape[] | null, name: string): string {
    if (shapes === ANYTHING || shapes.length === 0) return 'Any';
    const types = [...new Set(shapes.map((shape) => this.#type(shape, name)))];
    return types.length === 1 ? (types[0] ?? 'Any') : `Union[${types.join(', ')}]`;
  }

  #type(shape: Shape, name: string): string {
    switch (shape.kind) {
      case 'null':
        return 'None';
      case 'boolean':
        return 'bool';
      case 'integer':
        return 'int';
      case 'number':
        return 'float';
      case 'string':
        return 'str';
      case 'list':
        return `list[${this.union(shape.items, `${name} item`)}]`;
      case 'object':
        return this.#class(shape.members, name);
    }
  }

  #class(members: readonly (readonly [string, Shape])[], name: string): string {
    const body = members.map(([key, shape]) => `    ${text(key)}: ${this.#type(shape, `${name} ${key}`)},\n`).join('');
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const own = this.#freeName(`${pascal(name)}Payload`);
    this.#names.set(body, own);
    this.text += `${own} = TypedDict(${text(own)}, {\n${body}})\n`;
    return own;
  }

  #freeName(name: string): string {
    let free = name;
    for (let count = 2; this.#used.has(free); count += 1) free = `${name}${count}`;
    this.#used.add(free);
    return free;
  }
}

function pascal(key: string): string {
  const words = key.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(name) ? name : `Flag${name}`;
}

/** JSON's texts are Python's; what is beyond ASCII is written out, so that no terminal and no editor turns it into something else. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll(/[^ -~]/gu, escaped);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
