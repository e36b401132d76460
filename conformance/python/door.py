"""The Python side of the door ``python``: one JSON object per line in, one per line out.

``{"op": "evaluate", "token" or "definitions", …}`` goes through `Halyard` as any caller's request does;
``{"op": "part", "call": …}`` calls a part of the engine.
"""

from __future__ import annotations

import datetime
import json
import sys
from typing import Any

from halyard import Databases, Flags, Halyard
from halyard._engine import engine

CONTEXT = {
    "groups": "groups",
    "person_properties": "person_properties",
    "group_properties": "group_properties",
    "anon_distinct_id": "hash_key_override",
    "device_id": "device_id",
    "flag_keys": "flag_keys",
    "evaluation_contexts": "evaluation_contexts",
}


def answer(call: dict[str, Any], database: Databases) -> Any:
    if call["op"] == "part":
        return json.loads(engine().call("part", json.dumps(call["call"]).encode())[1:])
    if call["op"] == "values":
        flags = Halyard(json.dumps(call["document"]))
        values = [flags.evaluate(distinct_id).values() for distinct_id in call["distinctIds"]]
        return [next(iter(found.values()), None) for found in values]
    given = call.get("definitions")
    source = {"token": call["token"]} if given is None else {"definitions": given, "team_id": call["teamId"]}
    request = call["request"]
    moment = datetime.datetime.fromisoformat(call["now"].replace("Z", "+00:00"))
    flags = Halyard(database=database, **source).evaluate(
        request["distinct_id"],
        runtime=request.get("evaluation_runtime"),
        now=moment,
        **{ours: request[name] for name, ours in CONTEXT.items() if name in request},
    )
    return answered(flags)


def answered(flags: Flags) -> dict[str, Any]:
    """What the 5-tuple says, so that the vectors judge it too."""
    _, _, payloads, errors, details = flags.as_tuple()
    return {
        "errors": errors,
        "flags": {
            key: {
                "enabled": detail["match"]["match"],
                "variant": detail["match"]["variant"],
                "payload": payloads.get(key),
                "code": detail["match"]["reason"],
                "conditionIndex": detail["match"]["condition_index"],
            }
            for key, detail in details.items()
        },
    }


def main() -> None:
    database = Databases(sys.argv[1])
    for line in sys.stdin:
        call = json.loads(line)
        try:
            result = {"answer": answer(call, database)}
        except Exception as error:  # noqa: BLE001 - every failure is a verdict of its own
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
