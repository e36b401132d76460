"""The flags that a request looked at, on the errors that Sentry is told of. Sentry keeps the latest hundred, on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.feature_flags import add_feature_flag

if TYPE_CHECKING:
    from ..._outcomes import FlagResult

__all__ = ["report"]


def report(*, key: str, result: FlagResult | None, **_: Any) -> None:
    add_feature_flag(key, result is not None and result.enabled)
    if result is not None and result.variant is not None:
        # Sentry's flags are on or off; which variant it was stands in a tag.
        sentry_sdk.get_isolation_scope().set_tag(f"flag.{key}", result.variant)
