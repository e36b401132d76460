"""The flags of one evaluation."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping
from typing import Any, TypeVar, overload

from ._outcomes import FlagResult, Outcome, Payload, Value

__all__ = ["FlagResult", "Flags", "Payload", "Value"]

Default = TypeVar("Default")


class Flags:
    """The answer to one evaluation; immutable, because evaluations with the same answer share it.

    A mapping of flag keys to values: ``flags["colour"]``, ``"colour" in flags``, ``dict(flags)``, ``{**flags}``,
    ``flags == {…}``; keys come
    in evaluation order. Two names of a mapping say more here: `get` gives the whole result and `values` a dict. Flags that took
    no part are absent.
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
        outcome = self._read(key)
        return outcome is not None and outcome.result.enabled

    @overload
    def value(self, key: str) -> Value | None: ...
    @overload
    def value(self, key: str, default: Default) -> Value | Default: ...
    def value(self, key: str, default: Any = None) -> Any:
        """The variant, or whether the flag is on; ``default`` for a flag that took no part."""
        outcome = self._read(key)
        return default if outcome is None else outcome.value

    @overload
    def get(self, key: str) -> FlagResult | None: ...
    @overload
    def get(self, key: str, default: Default) -> FlagResult | Default: ...
    def get(self, key: str, default: Any = None) -> Any:
        """The flag's result with its reason; it is true when the flag is on."""
        outcome = self._read(key)
        return default if outcome is None else outcome.result

    @overload
    def payload(self, key: str) -> Payload: ...
    @overload
    def payload(self, key: str, default: Default) -> Payload | Default: ...
    def payload(self, key: str, default: Any = None) -> Any:
        """The payload of the value served, as `FlagResult.payload`."""
        outcome = self._read(key)
        return default if outcome is None or not outcome.has_payload else outcome.result.payload

    def values(self) -> dict[str, Value]:
        """Flag key → value, in evaluation order. A dict of the caller's own."""
        return self._all().copy()

    def keys(self) -> KeysView[str]:
        """Of all flags that took part."""
        return self._all().keys()

    def items(self) -> ItemsView[str, Value]:
        """Keys with their values."""
        return self._all().items()

    def results(self) -> list[FlagResult]:
        """What `get` gives, of all flags, in evaluation order."""
        return [outcome.result for outcome in self._outcomes]

    def __getitem__(self, key: str) -> Value:
        outcome = self._read(key)
        if outcome is None:
            raise KeyError(key)
        return outcome.value

    def __contains__(self, key: object) -> bool:
        return key in self._known()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._outcomes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Flags):
            return self._all() == other._all() and self._errors == other._errors
        return self._all() == other if isinstance(other, Mapping) else NotImplemented

    # As for every mapping that is compared by what it holds.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Flags({self._all()!r}{', errors=True' if self.errors else ''})"

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

    def _read(self, key: str) -> Outcome | None:
        """The outcome that a caller asks for by name."""
        return self._known().get(key)

    def _known(self) -> dict[str, Outcome]:
        if self._by_key is None:
            self._by_key = {outcome.key: outcome for outcome in self._outcomes}
        return self._by_key

    def _all(self) -> dict[str, Value]:
        values = self._values
        if values is None:
            values = self._values = {outcome.key: outcome.value for outcome in self._outcomes}
        return values
