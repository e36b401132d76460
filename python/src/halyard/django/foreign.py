"""Flags of other libraries as documents of ours. What they ask of a user becomes person properties: set
``HALYARD["PERSON_PROPERTIES"] = "halyard.django.foreign.user_properties"``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["SOURCES", "Converted", "from_django_flags", "from_waffle", "user_properties"]


@dataclass
class Converted:
    """A local-evaluation document, and what of the flags has no counterpart."""

    document: dict[str, Any] = field(default_factory=lambda: {"flags": []})
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, key: str, name: str, active: bool, groups: list[dict[str, Any]]) -> None:
        """Adds a flag; ``groups``: its conditions, of which one has to hold."""
        self.document["flags"].append({"key": key, "name": name, "active": active, "filters": {"groups": groups}})


def user_properties(request: HttpRequest) -> dict[str, Any]:
    """The properties that converted flags look at: id, name, rights, groups and language of the request's user."""
    user: Any = getattr(request, "user", None)
    language = getattr(request, "LANGUAGE_CODE", None)
    known: dict[str, Any] = {} if language is None else {"language": language}
    if user is None or not user.is_authenticated:
        return {**known, "is_authenticated": False}
    return {
        **known,
        "is_authenticated": True,
        "is_staff": bool(getattr(user, "is_staff", False)),
        "is_superuser": bool(getattr(user, "is_superuser", False)),
        "user_id": str(user.pk),
        "username": user.get_username(),
        **{f"in_group_{group}": True for group in user.groups.values_list("name", flat=True)},
    }


def from_waffle() -> Converted:
    """django-waffle's flags, switches and samples. Raises `ImportError` or `RuntimeError` where it is not installed."""
    from waffle import get_waffle_flag_model, get_waffle_sample_model, get_waffle_switch_model

    made = Converted()
    for flag in get_waffle_flag_model().objects.order_by("name"):
        made.add(flag.name, flag.note or "", True, _of_waffle_flag(flag, made))
    for switch in get_waffle_switch_model().objects.order_by("name"):
        made.add(switch.name, switch.note or "", switch.active, [_condition()])
    for sample in get_waffle_sample_model().objects.order_by("name"):
        made.add(sample.name, sample.note or "", True, [_condition(rollout=float(sample.percent))])
        made.left_out.append((sample.name, "it was drawn anew with each call, and is now the same for a person"))
    return _without_doubles(made)


def _of_waffle_flag(flag: Any, made: Converted) -> list[dict[str, Any]]:
    if flag.everyone is not None:
        return [_condition()] if flag.everyone else []
    groups = [
        _condition(_is(name, True))
        for name, wanted in (
            ("is_superuser", flag.superusers),
            ("is_staff", flag.staff),
            ("is_authenticated", flag.authenticated),
        )
        if wanted
    ]
    languages = [language.strip() for language in (flag.languages or "").split(",") if language.strip()]
    if languages:
        groups.append(_condition(_is("language", languages)))
    users = [str(key) for key in flag.users.order_by("pk").values_list("pk", flat=True)]
    if users:
        groups.append(_condition(_is("user_id", users)))
    groups += [
        _condition(_is(f"in_group_{name}", True))
        for name in flag.groups.order_by("name").values_list("name", flat=True)
    ]
    if flag.percent:
        groups.append(_condition(rollout=float(flag.percent)))
    if flag.testing:
        made.left_out.append((flag.name, "testing by query string: see HALYARD['REQUEST_OVERRIDES']"))
    return groups


def from_django_flags() -> Converted:
    """django-flags's flags of settings and tables. Raises `ImportError` or `RuntimeError` where it is not installed."""
    from flags.sources import get_flags

    made = Converted()
    for flag in sorted(get_flags().values(), key=lambda each: each.name):
        required = [each for each in flag.conditions if each.required]
        one_of = [each for each in flag.conditions if not each.required]
        try:
            must = [_of_condition(each) for each in required]
        except _NoCounterpartError as error:
            # Without it the flag would be on for people whom it kept out.
            made.left_out.append((flag.name, f"the whole flag, because it requires {error}"))
            continue
        groups = []
        for each in one_of:
            try:
                groups.append(_of_condition(each))
            except _NoCounterpartError as error:
                made.left_out.append((flag.name, str(error)))
        made.add(flag.name, "", True, _all_and_one(must, groups, bool(one_of)))
    return made


class _NoCounterpartError(Exception):
    """A condition that looks at something else than the user."""


#: The filters of a condition; ``None``: never.
_Filters = list[dict[str, Any]] | None


def _of_condition(each: Any) -> _Filters:
    value = each.value
    if each.condition == "boolean":
        return [] if str(value).strip().lower() in ("true", "yes", "on", "1") else None
    if each.condition == "user":
        return [_is("username", [str(value)])]
    if each.condition == "anonymous":
        return [_is("is_authenticated", str(value).strip().lower() not in ("true", "yes", "on", "1"))]
    raise _NoCounterpartError(f"the condition {each.condition} = {value}")


def _all_and_one(must: list[_Filters], one_of: list[_Filters], has_choice: bool) -> list[dict[str, Any]]:
    """On where all that must be holds and, if there is a choice, one of these does."""
    if any(filters is None for filters in must):
        return []
    always = [one for filters in must for one in filters or ()]
    if not has_choice:
        return [_condition(*always)] if must else []
    return [_condition(*always, *filters) for filters in one_of if filters is not None]


def _condition(*filters: dict[str, Any], rollout: float = 100) -> dict[str, Any]:
    return {"properties": list(filters), "rollout_percentage": rollout}


def _is(key: str, value: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "operator": "exact", "type": "person"}


def _without_doubles(made: Converted) -> Converted:
    """One name may be a flag, a switch and a sample."""
    seen: set[str] = set()
    kept: list[dict[str, Any]] = []
    for flag in made.document["flags"]:
        if flag["key"] in seen:
            made.left_out.append((flag["key"], "another of this name is taken"))
        else:
            kept.append(flag)
        seen.add(flag["key"])
    made.document["flags"] = kept
    return made


SOURCES: dict[str, Callable[[], Converted]] = {"django-flags": from_django_flags, "django-waffle": from_waffle}
