"""`Halyard`: the flags of one project, evaluated in this process."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from . import _conversation, _convert, overrides
from ._databases import databases_from
from ._engine import engine
from ._fork import check
from ._heap import Definitions, Wish
from ._pools import Pools, called, may_lag
from ._projects import REFRESH_SECONDS, Project
from ._request import request_text
from .errors import DefinitionsError, HalyardError
from .flags import Flags

__all__ = ["Halyard"]


class Halyard:
    """Flags of one project.

    Give ``definitions`` (a document as PostHog's local-evaluation endpoint serves it: a dict, JSON text, or a `Path`), or
    ``database`` and the project's public ``token``, or both ``definitions`` and ``database`` for own definitions over stored
    persons and groups (then ``team_id`` says whose).

    ``database``: a PostgreSQL URL, a mapping with the arguments of `Databases`, or such an object. ``refresh_seconds``: how
    old definitions from a database may get before they are checked. ``strict``: a flag that cannot be read is an error
    at once, and not merely left out and listed in `problems`.

    Threads may share it, and a forked child may go on using it.
    """

    def __init__(
        self,
        definitions: Any = None,
        *,
        database: Any = None,
        token: str | None = None,
        team_id: int | None = None,
        refresh_seconds: float = REFRESH_SECONDS,
        strict: bool = False,
    ) -> None:
        self._pools: Pools | None = None if database is None else databases_from(database)
        self._owns_pools = database is not None and self._pools is not database
        self._fixed: Definitions | None = None
        self._project: Project | None = None
        self._closed = False
        self._may_lag = self._pools is not None and may_lag(self._pools)
        if definitions is not None:
            if token is not None:
                raise TypeError("argument 'token': definitions are given already, leave one of the two out")
            self._fixed = _fixed(definitions, team_id)
            engine().about("problems", self._fixed)
            if strict:
                raise_first_problem(self._fixed)
        elif self._pools is None or token is None:
            raise TypeError("Halyard needs 'definitions', or 'database' and 'token'")
        else:
            self._project = Project(self._pools, _convert.text(token, "token") or "", refresh_seconds)

    def evaluate(
        self,
        distinct_id: str,
        *,
        groups: Any = None,
        person_properties: Any = None,
        group_properties: Any = None,
        flag_keys: Any = None,
        hash_key_override: str | None = None,
        device_id: str | None = None,
        runtime: str | None = "server",
        evaluation_contexts: Any = None,
        now: Any = None,
    ) -> Flags:
        """Evaluates all flags of the context, loading stored facts when some are needed and there is a database.

        ``person_properties`` and ``group_properties`` are laid over the stored ones. ``flag_keys``: only these and what they
        depend on. ``hash_key_override``: the id from before the user was identified, for flags with experience
        continuity. ``now``: an aware datetime or seconds since the epoch. Raises `TypeError` for a wrong argument. Facts
        that cannot be loaded raise nothing: the flags that need them fail, and `Flags.errors` says so.
        """
        request = request_text(
            distinct_id,
            groups,
            person_properties,
            group_properties,
            flag_keys,
            hash_key_override,
            device_id,
            runtime,
            evaluation_contexts,
            now,
            None if self._pools is None else called(self._pools),
        )
        fixed = self._fixed
        if fixed is None or self._closed or self._may_lag or overrides.active():
            return self._evaluate_otherwise(request, distinct_id)
        answer = engine().evaluate(fixed, request)
        if isinstance(answer, Wish):
            return _conversation.finish(fixed, request, answer, self._pools)
        return answer

    def _evaluate_otherwise(self, request: bytes, distinct_id: str) -> Flags:
        if overrides.active():
            return overrides.answer(lambda: self._evaluate(request, distinct_id), request)
        return self._evaluate(request, distinct_id)

    async def aevaluate(
        self,
        distinct_id: str,
        *,
        groups: Any = None,
        person_properties: Any = None,
        group_properties: Any = None,
        flag_keys: Any = None,
        hash_key_override: str | None = None,
        device_id: str | None = None,
        runtime: str | None = "server",
        evaluation_contexts: Any = None,
        now: Any = None,
    ) -> Flags:
        """`evaluate` for ``asyncio``: the event loop goes on while a database is asked."""
        request = self._request(
            distinct_id,
            groups,
            person_properties,
            group_properties,
            flag_keys,
            hash_key_override,
            device_id,
            runtime,
            evaluation_contexts,
            now,
            None,
        )
        fixed = overrides.fixed(request) if overrides.active() else None
        if fixed is not None:
            return fixed
        flags = await _conversation.evaluate_async(await self._definitions_async(), request, self._pools, distinct_id)
        return overrides.apply(flags) if overrides.active() else flags

    def explain(
        self,
        key: str,
        distinct_id: str,
        *,
        groups: Any = None,
        person_properties: Any = None,
        group_properties: Any = None,
        hash_key_override: str | None = None,
        device_id: str | None = None,
        runtime: str | None = "server",
        evaluation_contexts: Any = None,
        now: Any = None,
    ) -> dict[str, Any]:
        """How a flag comes to its value: conditions, filters with the values seen, hashes. Stores nothing."""
        request = self._request(
            distinct_id,
            groups,
            person_properties,
            group_properties,
            None,
            hash_key_override,
            device_id,
            runtime,
            evaluation_contexts,
            now,
            key,
        )
        return _conversation.explain(self._definitions(), request, self._pools)

    async def aexplain(self, key: str, distinct_id: str, **context: Any) -> dict[str, Any]:
        """`explain` for ``asyncio``."""
        return await asyncio.to_thread(self.explain, key, distinct_id, **context)

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What was left out of the definitions in use, and why: ``flagKey``, ``path`` in the document, ``message``."""
        found: list[dict[str, Any]] = engine().about("problems", self._definitions())
        return found

    def refresh(self) -> None:
        """Has the next call check the database for changed definitions."""
        if self._project is not None:
            self._project.mark_stale()

    def close(self) -> None:
        """Closes the connections that were made for this object. Calling it twice is fine; evaluating afterwards raises."""
        if not self._closed and self._owns_pools and self._pools is not None:
            self._pools.close()
        self._closed = True

    def __enter__(self) -> Halyard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Halyard:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def _request(
        self, distinct_id: Any, groups: Any, person_properties: Any, group_properties: Any, flag_keys: Any,
        hash_key_override: Any, device_id: Any, runtime: Any, evaluation_contexts: Any, now: Any, flag: Any,
    ) -> bytes:  # fmt: skip
        return request_text(
            distinct_id,
            groups=groups,
            person_properties=person_properties,
            group_properties=group_properties,
            flag_keys=flag_keys,
            hash_key_override=hash_key_override,
            device_id=device_id,
            runtime=runtime,
            evaluation_contexts=evaluation_contexts,
            now=now,
            skip_writes=flag is not None,
            store=None if self._pools is None else called(self._pools),
            flag=flag,
        )

    def _evaluate(self, request: bytes, distinct_id: str) -> Flags:
        return _conversation.evaluate(self._definitions(), request, self._pools, distinct_id)

    def _definitions(self) -> Definitions:
        check()
        if self._closed:
            raise HalyardError("this Halyard is closed")
        if self._fixed is not None:
            return self._fixed
        assert self._project is not None
        return self._project.definitions()

    async def _definitions_async(self) -> Definitions:
        check()
        project = self._project
        if project is None or not project.would_block():
            return self._definitions()
        run = getattr(self._pools, "run_async", None)
        found: Definitions = await (asyncio.to_thread(self._definitions) if run is None else run(self._definitions))
        return found


def _fixed(value: Any, team_id: int | None) -> Definitions:
    if isinstance(value, os.PathLike):
        value = Path(value).read_bytes()
    if isinstance(value, (bytes, bytearray)):
        document = bytes(value)
    elif isinstance(value, str):
        document = value.encode("utf-8", "surrogatepass")
    elif isinstance(value, dict):
        document = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    else:
        raise TypeError(f"argument 'definitions': expected dict, JSON text or Path, got {type(value).__name__}")
    return Definitions.from_document(document, team_id=team_id)


def raise_first_problem(definitions: Definitions) -> None:
    """Raises `DefinitionsError` when something in the definitions cannot be used."""
    for problem in engine().about("problems", definitions):
        raise DefinitionsError(problem["message"], problem["path"])
