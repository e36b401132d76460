"""Answers commands: a line of JSON in, a line of JSON out; ends with the input."""

import json
import sys


def serve(client):
    """Lets a client answer. Its methods are the commands; what one raises becomes ``{"error": ...}``."""
    for line in sys.stdin:
        question = json.loads(line)
        method = getattr(client, question.pop("do"), None)
        try:
            answer = {"error": "no such command"} if method is None else method(**question) or {}
        except Exception as error:  # noqa: BLE001 - whatever a user would get is what is asked for
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
