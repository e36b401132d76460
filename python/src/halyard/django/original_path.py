"""The original's import path, so that code written for it runs as it is: ``HALYARD["ORIGINAL_IMPORT_PATH"] = True``.

``posthog.models.feature_flag.flag_matching_rust`` and the extension ``posthog_feature_flags_rs`` (D106) are then ours, whether
PostHog's code is there or not; of the packages above the first, and of ``posthog.models.Team``, only what is missing is made.
posthog-python, whose package has the same name, stays what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["offer"]

_LEAF = "posthog.models.feature_flag.flag_matching_rust"
_EXTENSION = "posthog_feature_flags_rs"
_PARENTS = ("posthog", "posthog.models", "posthog.models.feature_flag")


def offer() -> None:
    """Makes the path importable. Calling it again changes nothing."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        # Before everybody, because PostHog's module of this name imports an extension; after everybody for what may be missing.
        sys.meta_path.insert(0, _Finder((_LEAF, _EXTENSION)))
        sys.meta_path.append(_Finder(_PARENTS))


class _Finder(MetaPathFinder):
    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self._names:
            return None
        return ModuleSpec(name, _Loader(), origin="halyard", is_package=name in _PARENTS)


class _Loader(Loader):
    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in (_LEAF, _EXTENSION):
            import halyard

            for name in (
                "evaluate_all_feature_flags",
                "evaluate_all_feature_flags_rust",
                "get_all_feature_flags",
                "get_all_feature_flags_with_details",
                "get_all_feature_flags_with_details_rust",
            ):
                setattr(module, name, getattr(halyard, name))
        elif module.__name__ == "posthog.models":
            module.__getattr__ = _of_models  # type: ignore[method-assign]


def _of_models(name: str) -> Any:
    if name == "Team":
        from .team import Team

        return Team
    raise AttributeError(f"module 'posthog.models' of halyard has Team, and no {name}")
