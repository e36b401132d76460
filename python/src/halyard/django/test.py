"""For tests of a Django project."""

from ..overrides import override_flags

__all__ = ["override_flags"]
