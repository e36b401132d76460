"""What ``manage.py check`` says about Halyard."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from .. import _v8, _v8_library
from ..errors import EngineError
from .conf import DEFAULTS, checked, from_definitions, function, setting
from .databases import ALIASES, SETTING_NAMES, aliases

__all__ = ["check_settings"]

_MIDDLEWARE = "halyard.django.middleware.HalyardMiddleware"


def check_settings(app_configs: Any = None, **_: Any) -> list[Any]:
    given = getattr(settings, "HALYARD", {})
    if not isinstance(given, dict):
        return [checks.Error(f"HALYARD must be a dict, not {type(given).__name__}.", id="halyard.E001")]
    found: list[Any] = [
        checks.Error(
            f"HALYARD has the unknown key '{name}'.", hint=f"Known: {', '.join(sorted(DEFAULTS))}.", id="halyard.E001"
        )
        for name in given
        if name not in DEFAULTS
    ]
    wrong = {name: error for name in DEFAULTS if name not in _OWN_CHECKS and (error := _wrong(name))}
    found += [checks.Error(f"{error}.", id="halyard.E008") for error in wrong.values()]
    return [*found, *_databases(), *_functions(), *_project(), *_engine(), *_definitions()]


#: Those of which there is more to say.
_OWN_CHECKS = ("DATABASES", "DEFINITIONS", "DISTINCT_ID", "PERSON_PROPERTIES", "GROUPS", "ENGINE")


def _wrong(name: str) -> str | None:
    try:
        checked(name)
    except ImproperlyConfigured as error:
        return str(error)
    return None


def _databases() -> list[Any]:
    try:
        chosen = aliases(setting("DATABASES"), settings.DATABASES)
    except ImproperlyConfigured as error:
        hint = "Name an alias of DATABASES, or leave the pool out to use 'default'."
        return [checks.Error(f"{error}.", hint=hint, id="halyard.E002")]
    if setting("DEFINITIONS") is not None:
        return []
    found: list[Any] = []
    for alias in sorted(set(chosen.values())):
        engine = settings.DATABASES.get(alias, {}).get("ENGINE", "")
        if not any(name in engine for name in ("postgresql", "postgis")):
            pools = ", ".join(pool for pool, name in chosen.items() if name == alias)
            found.append(
                checks.Error(
                    f"The database '{alias}' ({pools}) has the engine '{engine}', and Halyard reads PostgreSQL.",
                    hint=f"Point HALYARD['DATABASES'] ({', '.join(SETTING_NAMES)}) at aliases of PostgreSQL databases.",
                    id="halyard.E003",
                )
            )
    missing = [alias for alias in ALIASES.values() if alias not in settings.DATABASES]
    partly = [alias for alias in ALIASES.values() if alias in settings.DATABASES and alias != "default"]
    if missing and partly and not setting("DATABASES"):
        found.append(
            checks.Warning(
                f"DATABASES has {', '.join(partly)} but not {', '.join(missing)}: 'default' stands in.",
                hint="Add the alias, or say in HALYARD['DATABASES'] which one each pool uses.",
                id="halyard.W001",
            )
        )
    return found


def _functions() -> list[Any]:
    found = []
    for name in ("DISTINCT_ID", "PERSON_PROPERTIES", "GROUPS"):
        try:
            usable = callable(function(name)) or (setting(name) is None and name != "DISTINCT_ID")
        except ImproperlyConfigured as error:
            found.append(checks.Error(f"{error}.", id="halyard.E004"))
        except Exception as error:  # noqa: BLE001 - whatever the project's own module raises
            reason = f"{type(error).__name__}: {error}" if not isinstance(error, ImportError) else str(error)
            found.append(checks.Error(f"HALYARD['{name}'] cannot be imported: {reason}.", id="halyard.E004"))
        else:
            if not usable:
                found.append(checks.Error(f"HALYARD['{name}'] must be a function of the request.", id="halyard.E004"))
    return found


def _project() -> list[Any]:
    if _MIDDLEWARE not in (settings.MIDDLEWARE or ()) or setting("PROJECT_TOKEN") or setting("DEFINITIONS") is not None:
        return []
    return [
        checks.Error(
            "The middleware of Halyard needs a project.",
            hint="Set HALYARD['PROJECT_TOKEN'] to the project's public token, or HALYARD['DEFINITIONS'].",
            id="halyard.E005",
        )
    ]


def _engine() -> list[Any]:
    wrong = _wrong("ENGINE")
    if wrong is not None:
        return [checks.Error(f"{wrong}.", id="halyard.E006")]
    try:
        _v8.bundle()
        _v8_library.mini_racer()
    except ImportError as error:
        return [checks.Error(f"The engine cannot run: {error}", id="halyard.E007")]
    reason = _v8.check_direct()
    if reason is None:
        return []
    return [
        checks.Warning(
            f"The engine runs through the slower interface: {reason}.",
            hint=f"Install mini-racer {_v8_library.MINI_RACER}, the version this package was made for.",
            id="halyard.W002",
        )
    ]


def _definitions() -> list[Any]:
    hint = "Give a local-evaluation document, an object with the list 'flags', or the path of a JSON file with one."
    wrong = _wrong("DEFINITIONS")
    if wrong is not None:
        return [checks.Error(f"{wrong}.", hint=hint, id="halyard.E009")]
    if setting("DEFINITIONS") is None:
        return []
    try:
        problems = from_definitions(setting("DEFINITIONS")).problems
    except ImproperlyConfigured as error:
        return [checks.Error(f"{error}.", hint=hint, id="halyard.E009")]
    except (ImportError, EngineError):  # said already
        return []
    return [
        checks.Warning(
            f"HALYARD['DEFINITIONS'] at {problem['path']}: {problem['message']}.",
            hint=f"The flag '{problem['flagKey']}' is left out." if problem.get("flagKey") else None,
            id="halyard.W003",
        )
        for problem in problems
    ]
