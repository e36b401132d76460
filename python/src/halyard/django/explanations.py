"""Explanations in words, for the command and the admin page."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["explanation_lines"]


def explanation_lines(explanation: dict[str, Any]) -> list[str]:
    """The explanation of one flag, as `Halyard.explain` gives it, one thought a line."""
    key, result = explanation["key"], explanation["result"]
    if result is None:
        return [f"{key}: takes no part ({explanation['excluded']})"]
    value = result["variant"] or ("on" if result["enabled"] else "off")
    lines = [
        f"{key}: {value}",
        f"reason: {result['reason']}" + (f" ({result['description']})" if result["description"] else ""),
    ]
    lines += [_missing(missing, key) for missing in explanation.get("missing", ())]
    if explanation.get("dependsOn"):
        lines.append(f"depends on: {', '.join(explanation['dependsOn'])}")
    if "holdout" in explanation:
        lines.append(f"holdout: {_bucket(explanation['holdout'])}")
    for condition in explanation["conditions"]:
        lines.append(f"condition {condition['index'] + 1}: {condition['outcome']}")
        for test in condition["filters"]:
            seen = json.dumps(test["seen"], ensure_ascii=False) if "seen" in test else "nothing"
            expected = json.dumps(test.get("expected"), ensure_ascii=False)
            lines.append(
                f"  {test['outcome']}: {test['key']} {test['operator']} {expected}, seen {seen} ({test['source']})"
            )
        if "rollout" in condition:
            lines.append(f"  rollout: {_bucket(condition['rollout'])}")
        if "variant" in condition:
            lines.append(f"  variant: {condition['variant']['key']} (point {condition['variant']['point']:.6f})")
    return lines


def _missing(missing: dict[str, Any], key: str) -> str:
    if "key" in missing:
        what = f"the flag {missing['key']} (id {missing['id']}) is left out, because its definition cannot be used"
    else:
        what = f"there is no flag with the id {missing['id']}"
    return f"missing: {what}" + ("" if missing["askedBy"] == key else f"; {missing['askedBy']} asks about it")


def _bucket(bucket: dict[str, Any]) -> str:
    where = "inside" if bucket["inside"] else "outside"
    return f"{where} {bucket['percentage']} % (point {bucket['point']:.6f} of '{bucket['subject']}')"
