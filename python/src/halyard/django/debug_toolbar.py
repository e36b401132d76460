"""A panel for Django Debug Toolbar: add ``"halyard.django.debug_toolbar.FlagsPanel"`` to ``DEBUG_TOOLBAR_PANELS``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from debug_toolbar.panels import Panel

from .._outcomes import FlagResult
from .seen import flag_called

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["FlagsPanel"]


class FlagsPanel(Panel):
    """The flags that the request looked at: value, reason, for whom."""

    title = "Flags"
    nav_title = "Flags"
    template = "halyard/debug_toolbar.html"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._rows: list[dict[str, Any]] = []
        self._request: HttpRequest | None = None

    @property
    def nav_subtitle(self) -> str:
        count = len(self.get_stats().get("rows", ()))  # type: ignore[no-untyped-call]
        return f"{count} looked at"

    def enable_instrumentation(self) -> None:
        flag_called.connect(self._record, dispatch_uid=id(self))

    def disable_instrumentation(self) -> None:
        flag_called.disconnect(dispatch_uid=id(self))

    def process_request(self, request: HttpRequest) -> Any:
        self._request = request
        return super().process_request(request)  # type: ignore[no-untyped-call]

    def generate_stats(self, request: HttpRequest, response: HttpResponse) -> None:
        self.record_stats({"rows": self._rows})  # type: ignore[no-untyped-call]

    def _record(
        self, *, key: str, distinct_id: str | None, result: FlagResult | None, request: HttpRequest | None, **_: Any
    ) -> None:
        # Another thread's request sends the same signal.
        if request is not None and request is not self._request:
            return
        self._rows.append(
            {
                "key": key,
                "value": None if result is None else result.value,
                "reason": "no such flag" if result is None else result.reason,
                "distinct_id": distinct_id,
            }
        )
