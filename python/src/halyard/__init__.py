"""PostHog-compatible feature flags, evaluated inside this process."""

from __future__ import annotations

from ._databases import Databases
from ._engine import configure_engine
from ._settings import EngineSettings
from .client import Halyard
from .contract import (
    configure,
    evaluate_all_feature_flags,
    get_all_feature_flags,
    get_all_feature_flags_with_details,
)
from .errors import (
    DatabaseError,
    DefinitionsError,
    EngineError,
    EngineMemoryError,
    HalyardError,
    UnknownProjectError,
)
from .flags import FlagResult, Flags

__all__ = [
    "DatabaseError",
    "Databases",
    "DefinitionsError",
    "EngineError",
    "EngineMemoryError",
    "EngineSettings",
    "FlagResult",
    "Flags",
    "Halyard",
    "HalyardError",
    "UnknownProjectError",
    "configure",
    "configure_engine",
    "evaluate_all_feature_flags",
    "evaluate_all_feature_flags_rust",
    "get_all_feature_flags",
    "get_all_feature_flags_with_details",
    "get_all_feature_flags_with_details_rust",
]

__version__ = "0.1.0"

# The names of the original package, so that a caller changes one import line.
get_all_feature_flags_with_details_rust = get_all_feature_flags_with_details
evaluate_all_feature_flags_rust = evaluate_all_feature_flags
