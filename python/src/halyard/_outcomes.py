"""What one flag's outcome looks like in Python: built once per definitions, shared by all answers."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any, Union

__all__ = ["FlagResult", "Outcome", "Payload", "Value", "outcome_from"]

#: A variant's key, or whether the flag is on.
Value = str | bool
#: What JSON can hold.
Payload = Union[None, bool, int, float, str, list["Payload"], dict[str, "Payload"]]  # noqa: UP007 (refers to itself)


@dataclass(frozen=True)
class FlagResult:
    """The result of one flag."""

    key: str
    enabled: bool
    variant: str | None
    #: A code such as ``condition_match`` or ``out_of_rollout_bound``.
    reason: str
    #: The condition that decided, from 0; ``None`` when none did.
    condition_index: int | None
    #: The reason in words.
    description: str | None
    flag_id: int
    version: int
    has_experiment: bool
    #: The flag could not be evaluated; `reason` says why.
    failed: bool
    _payload: Any

    @property
    def value(self) -> Value:
        """The variant, or else whether the flag is on."""
        return self.enabled if self.variant is None else self.variant

    def __bool__(self) -> bool:
        """Whether the flag is on: ``if flags.get("beta")`` says what it seems to say."""
        return self.enabled

    @property
    def payload(self) -> Payload:
        """The payload of the value served, or ``None``. A text that holds JSON is parsed; everything else comes as stored."""
        payload = self.stored_payload
        if isinstance(payload, str):
            try:
                return json.loads(payload)
            except ValueError:
                return payload
        return payload

    @property
    def stored_payload(self) -> Any:
        """The payload exactly as it is stored."""
        return copy.deepcopy(self._payload) if isinstance(self._payload, (dict, list)) else self._payload


class Outcome:
    """A `FlagResult` beside the pieces that whole answers are put together from."""

    __slots__ = ("_reason", "has_payload", "key", "result", "value")

    def __init__(self, result: FlagResult, has_payload: bool) -> None:
        self.result = result
        self.key = result.key
        self.value = result.value
        self.has_payload = has_payload
        self._reason = {"reason": result.reason, "condition_index": result.condition_index}

    def reason(self) -> dict[str, Any]:
        """A dict of its own for each caller, who may change it."""
        return self._reason.copy()

    def details(self) -> dict[str, Any]:
        result = self.result
        return {
            "match": {
                "match": result.enabled,
                "variant": result.variant,
                "reason": result.reason,
                "condition_index": result.condition_index,
                "payload": result.stored_payload,
            },
            "id": result.flag_id,
            "version": result.version,
            "description": None,
        }


def outcome_from(described: dict[str, Any]) -> Outcome:
    """Reads one element of the engine's ``describe``."""
    result = FlagResult(
        key=described["key"],
        enabled=described["enabled"],
        variant=described["variant"],
        reason=described["reason"],
        condition_index=described["conditionIndex"],
        description=described["description"],
        flag_id=described["id"],
        version=described["version"],
        has_experiment=described["hasExperiment"],
        failed=described["failed"],
        _payload=described.get("payload"),
    )
    return Outcome(result, "payload" in described)
