"""The functions of the original package, with its arguments and its 5-tuple."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from . import _conversation, _convert, overrides
from ._databases import Databases, databases_from
from ._engine import engine
from ._fork import check, forget_in_child
from ._heap import Definitions
from ._outcomes import Value
from ._pools import Pools, called
from ._projects import REFRESH_SECONDS, Project
from ._request import renamed, request_text
from .client import raise_first_problem
from .errors import HalyardError
from .flags import Flags

__all__ = [
    "configure",
    "evaluate_all_feature_flags",
    "get_all_feature_flags",
    "get_all_feature_flags_with_details",
]

FlagValues = dict[str, Value]
Details = tuple[FlagValues, dict[str, dict[str, Any]], dict[str, Any], bool, dict[str, dict[str, Any]]]

_NAMES = renamed(person_properties="property_value_overrides", group_properties="group_property_value_overrides")
_NAMES_OF_ALL = renamed(person_properties="person_property_overrides", group_properties="group_property_overrides")
#: How long what a database says about given flags is used again.
_REFERENCES_SECONDS = 5.0
_MOST_KEPT = 32

_MISSING = "no database is configured: add 'halyard.django' to INSTALLED_APPS, or call halyard.configure(database=...)"

_lock = threading.Lock()
_missing = _MISSING
_pools: Pools | None = None
_refresh_seconds = REFRESH_SECONDS
_projects: dict[tuple[int, str], Project] = {}
_by_urls: OrderedDict[tuple[str, ...], Databases] = OrderedDict()
_by_json: OrderedDict[tuple[Any, ...], tuple[float, Definitions]] = OrderedDict()


def configure(database: Any = None, *, refresh_seconds: float = REFRESH_SECONDS) -> None:
    """Says where `get_all_feature_flags_with_details` finds its data: as ``database`` of `Halyard`.

    In Django the app ``halyard.django`` does this. ``None`` forgets the setting.
    """
    global _pools, _refresh_seconds
    with _lock:
        _pools = None if database is None else databases_from(database)
        _refresh_seconds = refresh_seconds
        _projects.clear()
    explain_missing(_MISSING)


def explain_missing(reason: str) -> None:
    """What calls say while no database is configured."""
    global _missing
    _missing = reason


def get_all_feature_flags_with_details(
    team: Any,
    distinct_id: str,
    groups: dict[str, str] | None = None,
    hash_key_override: str | None = None,
    property_value_overrides: dict[str, Any] | None = None,
    group_property_value_overrides: dict[str, dict[str, Any]] | None = None,
    flag_keys: list[str] | None = None,
) -> Details:
    """All flags of a team for a user, with stored persons, groups, cohorts and sticky keys.

    ``team``: anything with the public token as ``api_token``, such as PostHog's ``Team``. Answer:
    ``(flag_values, evaluation_reasons, flag_payloads, errors_while_computing_flags, flag_details)``.

    Raises `TypeError` for a wrong argument, naming it, and `DatabaseError` naming the pool when the definitions cannot
    be read. Facts that cannot be read raise nothing: the flags that need them have an error as their reason.
    """
    token = _token(team)
    pools = _configured()
    request = request_text(
        distinct_id,
        groups=groups,
        person_properties=property_value_overrides,
        group_properties=group_property_value_overrides,
        flag_keys=flag_keys,
        hash_key_override=hash_key_override,
        store=called(pools),
        strict=True,
        names=_NAMES,
    )
    return _answer(
        lambda: _conversation.evaluate(_project(pools, token).definitions(), request, pools, distinct_id), request
    ).as_tuple()


def get_all_feature_flags(
    team: Any,
    distinct_id: str,
    groups: dict[str, str] | None = None,
    hash_key_override: str | None = None,
    property_value_overrides: dict[str, Any] | None = None,
    group_property_value_overrides: dict[str, dict[str, Any]] | None = None,
    flag_keys: list[str] | None = None,
) -> tuple[FlagValues, dict[str, dict[str, Any]], dict[str, Any], bool]:
    """The first four of `get_all_feature_flags_with_details` (D111)."""
    return get_all_feature_flags_with_details(
        team,
        distinct_id,
        groups,
        hash_key_override,
        property_value_overrides,
        group_property_value_overrides,
        flag_keys,
    )[:4]


def evaluate_all_feature_flags(
    persons_reader_url: str,
    persons_writer_url: str,
    non_persons_reader_url: str,
    non_persons_writer_url: str,
    team_id: int,
    project_id: int,
    distinct_id: str,
    feature_flags_json: str,
    groups: dict[str, str] | None = None,
    person_property_overrides: dict[str, Any] | None = None,
    group_property_overrides: dict[str, dict[str, Any]] | None = None,
    hash_key_override: str | None = None,
    flag_keys: list[str] | None = None,
) -> Details:
    """Evaluates given flags over stored facts (D106–D110).

    ``feature_flags_json``: a JSON object with the list ``flags``, each as it is stored; ``cohorts`` and ``group_type_mapping``
    may stand beside it and are read from the database otherwise. Connections are kept for the next call with these URLs.
    Raises `DefinitionsError`, a `ValueError`, for flags that cannot be read, with the path inside the JSON.
    """
    urls = (persons_reader_url, persons_writer_url, non_persons_reader_url, non_persons_writer_url)
    names = ("persons_reader_url", "persons_writer_url", "non_persons_reader_url", "non_persons_writer_url")
    for name, url in zip(names, urls):
        _convert.text(url, name)
    _integer(team_id, "team_id", 32)
    _integer(project_id, "project_id", 64)
    text = _convert.text(feature_flags_json, "feature_flags_json") or ""
    pools = _pools_for(urls)
    request = request_text(
        distinct_id,
        groups=groups,
        person_properties=person_property_overrides,
        group_properties=group_property_overrides,
        flag_keys=flag_keys,
        hash_key_override=hash_key_override,
        store=called(pools),
        strict=True,
        names=_NAMES_OF_ALL,
    )
    return _answer(
        lambda: _conversation.evaluate(_given(pools, team_id, text), request, pools, distinct_id), request
    ).as_tuple()


def _answer(evaluate: Callable[[], Flags], request: bytes) -> Flags:
    return overrides.answer(evaluate, request) if overrides.active() else evaluate()


def _given(pools: Pools, team_id: int, text: str) -> Definitions:
    """Definitions of flags that a caller hands over with each call: compiled once as long as they stay the same."""
    name = (pools.store, team_id, text)
    with _lock:
        known = _by_json.get(name)
        if known is not None and time.monotonic() < known[0]:
            _by_json.move_to_end(name)
            return known[1]
    document = text.encode("utf-8", "surrogatepass")
    definitions = Definitions.from_document(document, team_id=team_id, stored=True)
    raise_first_problem(definitions)
    until = float("inf")
    wanted = {
        part: is_wanted
        for part, is_wanted in engine().about("references", definitions).items()
        if is_wanted and not _names(text, "cohorts" if part == "cohorts" else "group_type_mapping")
    }
    if wanted:
        found = _conversation.ask("loadReferences", {"store": called(pools), "teamId": team_id, **wanted}, pools)
        references = found.encode()
        definitions = Definitions.from_document(document, team_id=team_id, stored=True, references=references)
        until = time.monotonic() + _REFERENCES_SECONDS
        if known is not None and known[1].text == definitions.text:
            definitions = known[1]  # compiled already
    with _lock:
        _by_json[name] = (until, definitions)
        while len(_by_json) > _MOST_KEPT:
            _by_json.popitem(last=False)
    return definitions


def _names(text: str, member: str) -> bool:
    import json

    return member in json.loads(text)


def _pools_for(urls: tuple[str, str, str, str]) -> Databases:
    check()
    with _lock:
        pools = _by_urls.get(urls)
        if pools is None:
            pools = Databases(persons_reader=urls[0], persons_writer=urls[1], reader=urls[2], writer=urls[3])
            _by_urls[urls] = pools
            while len(_by_urls) > _MOST_KEPT:
                _, oldest = _by_urls.popitem(last=False)
                oldest.close()
        else:
            _by_urls.move_to_end(urls)
        return pools


def _project(pools: Pools, token: str) -> Project:
    project = _projects.get((pools.store, token))
    if project is None:
        with _lock:
            project = _projects.setdefault((pools.store, token), Project(pools, token, _refresh_seconds))
    return project


def _configured() -> Pools:
    check()
    if _pools is None:
        raise HalyardError(_missing)
    return _pools


def _token(team: Any) -> str:
    token = getattr(team, "api_token", None)
    if token is None or token == "":
        raise TypeError(f"argument 'team': expected a team with an api_token, got {type(team).__name__}")
    return _convert.text(token, "team.api_token") or ""


def _integer(value: Any, argument: str, bits: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"argument '{argument}': expected int, got {type(value).__name__}")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(f"argument '{argument}': {value} does not fit in {bits} bits")


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


forget_in_child(_after_fork)
