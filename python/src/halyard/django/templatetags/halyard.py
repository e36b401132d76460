"""``{% load halyard %}``, then ``{% flag "key" %}…{% else %}…{% endflag %}`` or ``{% flag_value "key" as variant %}``."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def flag_value(context: Any, key: str, default: Any = False) -> Any:
    """The variant, or whether the flag is on; ``default`` for a flag that does not exist."""
    return _flags(context).value(key, default)


@register.simple_tag(takes_context=True)
def flag_payload(context: Any, key: str, default: Any = None) -> Any:
    """The payload of the value served."""
    return _flags(context).payload(key, default)


@register.tag
def flag(parser: Any, token: Any) -> FlagNode:
    """``{% flag "key" %}`` shows its content when the flag is on, ``{% flag "key" "variant" %}`` for this variant only."""
    name, *arguments = token.split_contents()
    if len(arguments) not in (1, 2):
        raise template.TemplateSyntaxError(f"'{name}' takes a flag's key and, if wanted, a variant")
    compiled = [parser.compile_filter(argument) for argument in arguments]
    on = parser.parse(("else", f"end{name}"))
    off = template.NodeList()
    if parser.next_token().contents == "else":
        off = parser.parse((f"end{name}",))
        parser.delete_first_token()
    return FlagNode(compiled, on, off)


class FlagNode(template.Node):
    child_nodelists = ("on", "off")

    def __init__(self, arguments: list[Any], on: Any, off: Any) -> None:
        self.arguments = arguments
        self.on = on
        self.off = off

    def render(self, context: Any) -> str:
        key, *variant = (argument.resolve(context) for argument in self.arguments)
        flags = _flags(context)
        shown = flags.value(key) == variant[0] if variant else flags.is_enabled(key)
        return str((self.on if shown else self.off).render(context))


def _flags(context: Any) -> Any:
    request = context.get("request")
    flags = getattr(request, "flags", None)
    if flags is None:
        raise template.TemplateSyntaxError(
            "flags in templates need 'halyard.django.middleware.HalyardMiddleware' in MIDDLEWARE and the context processor "
            "'django.template.context_processors.request'"
        )
    return flags
