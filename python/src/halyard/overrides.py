"""Flags with fixed values, for tests."""

from __future__ import annotations

import functools
import inspect
import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import _convert
from ._fork import forget_in_child
from ._outcomes import FlagResult, Outcome
from .flags import Flags

if TYPE_CHECKING:
    from types import TracebackType

    from ._heap import Definitions

__all__ = ["override_flags"]

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

#: What is in force, the innermost last. An override entered twice is in it twice.
_stack: list[_InForce] = []
_lock = threading.Lock()

#: Methods of a class without `setUpClass` that see its override.
_METHODS = ("test", "setup_", "teardown_", "setUp", "tearDown", "asyncSetUp", "asyncTearDown")
_STARTED = "_halyard_override_started"
_OVERRIDES = "_halyard_overrides"


class override_flags:
    """Gives flags fixed values while it lasts, in every thread of the process.

    A context manager (``with`` and ``async with``), and a decorator of functions, coroutine functions, generators and test
    classes. In a class with ``setUpClass`` it is in force from before ``setUpClass``, and so before ``setUpTestData``, to after
    ``tearDownClass``. Inner overrides win over outer ones, a method's over its class's, a subclass's over its parent's.

    Values: true, false, a variant's key, or ``None`` for a flag that does not exist. With ``only``, the default, flags that
    are not named are off and neither definitions nor a database are needed; without it they are evaluated as ever.
    ``definitions``, a local-evaluation document, has the flags evaluated by it instead, without a database; values given
    besides are laid over. Raises `TypeError` for a value that no flag can have.
    """

    def __init__(
        self,
        flags: Mapping[str, Any] | None = None,
        /,
        *,
        payloads: Mapping[str, Any] | None = None,
        only: bool = True,
        definitions: Any = None,
        **more: Any,
    ) -> None:
        values = {**(flags or {}), **more}
        known = payloads or {}
        self._only = only
        self._definitions = None if definitions is None else _read(definitions)
        self._absent = frozenset(key for key, value in values.items() if value is None)
        self._outcomes = {
            key: _outcome(key, value, known.get(key)) for key, value in values.items() if value is not None
        }
        self._entered: list[_InForce] = []

    def enable(self) -> None:
        """What ``with`` does at its beginning, for hooks that come in pairs; each call needs a `disable`."""
        entry = _InForce(self)
        with _lock:
            self._entered.append(entry)
            _stack.append(entry)

    def disable(self) -> None:
        """Takes back the latest `enable`."""
        with _lock:
            _stack.remove(self._entered.pop())

    def __enter__(self) -> None:
        self.enable()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disable()

    async def __aenter__(self) -> None:
        self.enable()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disable()

    def __call__(self, decorated: Decorated, /) -> Decorated:
        if isinstance(decorated, type):
            if hasattr(decorated, "setUpClass"):
                _over_class(decorated, self)
            else:
                _over_methods(decorated, self)
            return decorated
        if not callable(decorated):
            raise TypeError(f"override_flags decorates functions and classes, not {type(decorated).__name__}")
        return _over_function(decorated, self)


class _InForce:
    """One entering of an override; two of the same override are two."""

    __slots__ = ("override",)

    def __init__(self, override: override_flags) -> None:
        self.override = override


def active() -> bool:
    return bool(_stack)


def fixed(request: bytes | None = None) -> Flags | None:
    """The whole answer to a request, when an override that stands for all flags is in force.

    ``request``: from `request_text`. Without it, ``None`` also where definitions of a test have to be evaluated.
    """
    in_force = _overrides()
    for index in range(len(in_force) - 1, -1, -1):
        override = in_force[index]
        if not override._only and override._definitions is None:
            continue
        if override._definitions is None:
            return _laid_over(Flags(False, []), in_force[index:])
        if request is None:
            return None
        return _laid_over(_evaluated(override._definitions, request), in_force[index:])
    return None


def answer(evaluate: Callable[[], Flags], request: bytes | None = None) -> Flags:
    """The answer under the overrides in force; evaluates only where they do not stand for all flags."""
    found = fixed(request)
    return apply(evaluate()) if found is None else found


def apply(flags: Flags) -> Flags:
    """The flags with the overrides in force laid over them; inner ones win."""
    return _laid_over(flags, _overrides())


def laid_over(flags: Flags, values: Mapping[str, Any]) -> Flags:
    """The flags with these values instead of their own."""
    return _laid_over(flags, [override_flags(values, only=False)])


def _overrides() -> list[override_flags]:
    return [entry.override for entry in tuple(_stack)]


def _laid_over(flags: Flags, overrides: list[override_flags]) -> Flags:
    outcomes = {outcome.key: outcome for outcome in flags._outcomes}
    for override in overrides:
        if override._only and override._definitions is None:
            outcomes = {}
        for key in override._absent:
            outcomes.pop(key, None)
        outcomes.update(override._outcomes)
    return Flags(flags.errors, list(outcomes.values()))


def _read(definitions: Any) -> Definitions:
    # Not at the top: the client imports this module.
    from .client import _fixed, raise_first_problem

    read = _fixed(definitions, None)
    raise_first_problem(read)
    return read


def _evaluated(definitions: Definitions, request: bytes) -> Flags:
    from ._engine import engine

    call = json.loads(b"{" + request)
    # A test's definitions stand alone: nothing is stored.
    call.pop("store", None)
    found = engine().evaluate(definitions, json.dumps(call).encode()[1:])
    assert isinstance(found, Flags)
    return found


def _over_function(function: Any, override: override_flags) -> Any:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def asynchronous(*arguments: Any, **named: Any) -> Any:
            with override:
                return await function(*arguments, **named)

        return asynchronous
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def asynchronous_generator(*arguments: Any, **named: Any) -> Any:
            with override:
                async for value in function(*arguments, **named):
                    yield value

        return asynchronous_generator
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(*arguments: Any, **named: Any) -> Any:
            with override:
                return (yield from function(*arguments, **named))

        return generator

    @functools.wraps(function)
    def synchronous(*arguments: Any, **named: Any) -> Any:
        with override:
            return function(*arguments, **named)

    return synchronous


def _over_class(decorated: Any, override: override_flags) -> None:
    """In force for the whole class, as `django.test.override_settings` is, so that class-wide data sees it too."""
    # A copy of the parents' list with ours behind it: what comes later is inside and wins.
    setattr(decorated, _OVERRIDES, (*getattr(decorated, _OVERRIDES, ()), override))
    inner = decorated.setUpClass.__func__

    @functools.wraps(inner)
    def set_up_class(cls: Any) -> None:
        # A parent that is decorated too has such a method as well: the first one called does it for all.
        if _STARTED not in vars(cls):
            setattr(cls, _STARTED, True)
            cls.addClassCleanup(delattr, cls, _STARTED)
            for each in getattr(cls, _OVERRIDES):
                each.enable()
                cls.addClassCleanup(each.disable)
        inner(cls)

    decorated.setUpClass = classmethod(set_up_class)


def _over_methods(decorated: type, override: override_flags) -> None:
    """In force in each test and in what prepares it. Inherited ones are wrapped in this class only."""
    for name in dir(decorated):
        method = inspect.getattr_static(decorated, name)
        if not name.startswith(_METHODS):
            continue
        wrap = _over_preparation if name.startswith(("setup_", "teardown_")) else _over_function
        if isinstance(method, (classmethod, staticmethod)):
            setattr(decorated, name, type(method)(wrap(method.__func__, override)))
        elif inspect.isfunction(method):
            setattr(decorated, name, wrap(method, override))


def _over_preparation(function: Any, override: override_flags) -> Any:
    """pytest looks at the code of such a method for whether it wants to know the test, so its arguments must stand there."""
    if len(inspect.signature(function).parameters) != 1:
        return _over_function(function, override)

    @functools.wraps(function)
    def prepare(self: Any) -> Any:
        with override:
            return function(self)

    return prepare


def _outcome(key: str, value: Any, payload: Any) -> Outcome:
    value = _convert.unwrapped(value, f"override of '{key}'")
    if isinstance(value, str):
        value = _convert.text(value, f"override of '{key}'")
    if not isinstance(value, (bool, str)):
        raise TypeError(f"override of '{key}': expected bool, a variant as str, or None, got {type(value).__name__}")
    result = FlagResult(
        key=key,
        enabled=value is not False,
        variant=value if isinstance(value, str) else None,
        reason="override",
        condition_index=None,
        description="Overridden for a test",
        flag_id=0,
        version=0,
        has_experiment=False,
        failed=False,
        _payload=payload,
    )
    return Outcome(result, payload is not None)


def _forget_lock() -> None:
    global _lock
    _lock = threading.Lock()


forget_in_child(_forget_lock)
