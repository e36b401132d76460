"""An event on the current span, with the attributes of OpenTelemetry's conventions for feature flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import trace

if TYPE_CHECKING:
    from ..._outcomes import FlagResult

__all__ = ["report"]


def report(*, key: str, distinct_id: str | None, result: FlagResult | None, **_: Any) -> None:
    span = trace.get_current_span()
    if not span.is_recording():
        return
    attributes: dict[str, Any] = {"feature_flag.key": key, "feature_flag.provider.name": "halyard"}
    if distinct_id is not None:
        attributes["feature_flag.context.id"] = distinct_id
    if result is None:
        attributes |= {"feature_flag.result.reason": "error", "error.type": "flag_not_found"}
    else:
        attributes |= {
            "feature_flag.result.value": result.value,
            "feature_flag.result.reason": "error" if result.failed else result.reason,
            "feature_flag.version": str(result.version),
        }
        if result.variant is not None:
            attributes["feature_flag.result.variant"] = result.variant
    span.add_event("feature_flag.evaluation", attributes)
