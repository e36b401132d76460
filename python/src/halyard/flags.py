"""The flags of one evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._outcomes import FlagResult, Outcome, Value

__all__ = ["FlagResult", "Flags", "Value"]


class Flags:
    """The answer to one evaluation; immutable, because evaluations with the same answer share it.

    Flags that took no part are absent.
    """

    __slots__ = ("_by_key", "_errors", "_outcomes", "_values")

    def __init__(self, errors: bool, outcomes: list[Outcome]) -> None:
        self._errors = errors
        self._outcomes = outcomes
        self._by_key: dict[str, Outcome] | None = None
        self._values: dict[str, Value] | None = None

    @property
    def errors(self) -> bool:
        """Some flag could not be evaluated; it is among the results with `failed` set."""
        return self._errors

    def is_enabled(self, key: str) -> bool:
        """Whether the flag is on, with or without a variant. An unknown flag is off."""
        outcome = self._known().get(key)
        return outcome is not None and outcome.result.enabled

    def value(self, key: str, default: Any = None) -> Any:
        """The variant, or whether the flag is on; ``default`` for a flag that took no part."""
        outcome = self._known().get(key)
        return default if outcome is None else outcome.value

    def get(self, key: str) -> FlagResult | None:
        """The flag's result with its reason."""
        outcome = self._known().get(key)
        return None if outcome is None else outcome.result

    def payload(self, key: str, default: Any = None) -> Any:
        """The payload of the value served, as `FlagResult.payload`."""
        outcome = self._known().get(key)
        return default if outcome is None or not outcome.has_payload else outcome.result.payload

    def values(self) -> dict[str, Value]:
        """Flag key → value, in evaluation order."""
        values = self._values
        if values is None:
            values = self._values = {outcome.key: outcome.value for outcome in self._outcomes}
        return values.copy()

    def __getitem__(self, key: str) -> Value:
        return self._known()[key].value

    def __contains__(self, key: object) -> bool:
        return key in self._known()

    def __iter__(self) -> Iterator[FlagResult]:
        return (outcome.result for outcome in self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    def __repr__(self) -> str:
        return f"Flags({self.values()!r}{', errors=True' if self.errors else ''})"

    def as_tuple(
        self,
    ) -> tuple[dict[str, Value], dict[str, dict[str, Any]], dict[str, Any], bool, dict[str, dict[str, Any]]]:
        """``(flag_values, evaluation_reasons, flag_payloads, errors_while_computing_flags, flag_details)`` (D109)."""
        outcomes = self._outcomes
        return (
            self.values(),
            {outcome.key: outcome.reason() for outcome in outcomes},
            {outcome.key: outcome.result.stored_payload for outcome in outcomes if outcome.has_payload},
            self._errors,
            {outcome.key: outcome.details() for outcome in outcomes},
        )

    def _known(self) -> dict[str, Outcome]:
        if self._by_key is None:
            self._by_key = {outcome.key: outcome for outcome in self._outcomes}
        return self._by_key
