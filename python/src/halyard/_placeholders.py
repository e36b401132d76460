"""The bundle's ``$1`` placeholders for drivers that want ``%(name)s``."""

from __future__ import annotations

import functools
import re

__all__ = ["named_placeholders"]

_TOKEN = re.compile(
    r"""
      (?P<escape> \b[eE]')
    | (?P<skip> '(?:[^']|'')*'            # a string; ours have no backslash escapes
              | "(?:[^"]|"")*"            # a quoted name
              | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)  # a dollar-quoted string
              | --[^\n]*                  # comments
              | /\*.*?\*/ )
    | \$(?P<number>\d+)
    | (?P<percent>%)
    """,
    re.VERBOSE | re.DOTALL,
)


@functools.lru_cache(maxsize=256)
def named_placeholders(text: str) -> str:
    """``$2`` becomes ``%(p2)s`` and ``%`` becomes ``%%``, which psycopg and Django turn back.

    Placeholders inside strings, quoted names and comments are text. Escape strings (``E'\\''``) are refused: no statement
    of ours has one.
    """

    def replacement(match: re.Match[str]) -> str:
        if match["escape"] is not None:
            raise ValueError("a statement with an escape string cannot be converted")
        if match["skip"] is not None:
            return match["skip"].replace("%", "%%")
        return "%%" if match["percent"] else f"%(p{match['number']})s"

    return _TOKEN.sub(replacement, text)
