"""Made by `halyard types` from the definitions of flags. Make it again instead of editing it."""

# ruff: noqa
# fmt: off

from typing import Any, Literal, NoReturn, Protocol, TypedDict, Union, cast, overload

__all__ = ["FlagKey", "TypedClient", "TypedFlags", "typed", "typed_flags"]

FlagKey = Literal[
    "__proto__",
    "button",
    "new-cart",
    "partly",
    "plan \"x\" \u00fc \U0001f389",
    "price",
    "theme",
]

NewCartNestedPayload = TypedDict("NewCartNestedPayload", {
    "x": float,
})
NewCartPayload = TypedDict("NewCartPayload", {
    "columns": int,
    "labels": list[str],
    "nested": NewCartNestedPayload,
})


class TypedClient(Protocol):
    """posthog-python: the module, or a client."""

    @overload
    def get_feature_flag(self, key: Literal["__proto__", "new-cart", "plan \"x\" \u00fc \U0001f389", "price"], distinct_id: str, *args: Any, **options: Any) -> bool | None: ...
    @overload
    def get_feature_flag(self, key: Literal["button"], distinct_id: str, *args: Any, **options: Any) -> Literal[False, "red", "blue"] | None: ...
    @overload
    def get_feature_flag(self, key: Literal["partly"], distinct_id: str, *args: Any, **options: Any) -> Literal[False, True, "a", "holdout-7"] | None: ...
    @overload
    def get_feature_flag(self, key: Literal["theme"], distinct_id: str, *args: Any, **options: Any) -> Literal["light", "dark"] | None: ...

    def feature_enabled(self, key: FlagKey, distinct_id: str, *args: Any, **options: Any) -> bool | None: ...

    @overload
    def get_feature_flag_payload(self, key: Literal["__proto__"], distinct_id: str, *args: Any, **options: Any) -> str | None: ...
    @overload
    def get_feature_flag_payload(self, key: Literal["button"], distinct_id: str, *args: Any, **options: Any) -> Union[int, str] | None: ...
    @overload
    def get_feature_flag_payload(self, key: Literal["new-cart"], distinct_id: str, *args: Any, **options: Any) -> NewCartPayload | None: ...
    @overload
    def get_feature_flag_payload(self, key: Literal["price"], distinct_id: str, *args: Any, **options: Any) -> float | None: ...


class TypedFlags(Protocol):
    """The flags of one evaluation, of halyard."""

    @overload
    def value(self, key: Literal["__proto__", "new-cart", "plan \"x\" \u00fc \U0001f389", "price"]) -> bool | None: ...
    @overload
    def value(self, key: Literal["button"]) -> Literal[False, "red", "blue"] | None: ...
    @overload
    def value(self, key: Literal["partly"]) -> Literal[False, True, "a", "holdout-7"] | None: ...
    @overload
    def value(self, key: Literal["theme"]) -> Literal["light", "dark"] | None: ...

    def is_enabled(self, key: FlagKey) -> bool: ...

    @overload
    def payload(self, key: Literal["__proto__"]) -> str | None: ...
    @overload
    def payload(self, key: Literal["button"]) -> Union[int, str] | None: ...
    @overload
    def payload(self, key: Literal["new-cart"]) -> NewCartPayload | None: ...
    @overload
    def payload(self, key: Literal["price"]) -> float | None: ...


def typed(client: object) -> TypedClient:
    """The same client: only its types are others."""
    return cast(TypedClient, client)


def typed_flags(flags: object) -> TypedFlags:
    """The same flags: only their types are others."""
    return cast(TypedFlags, flags)
