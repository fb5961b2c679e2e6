"""What every range of a simulation reads off the same scheme and model, worked out once.

Schemes and models hold arrays and cannot be compared quickly; a simulation passes the very same
objects to each of its ranges, so being the same object is what counts here.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Self, TypeVar, TypeVarTuple, overload

Given = TypeVarTuple("Given")
Owner = TypeVar("Owner")
Found = TypeVar("Found")

KEPT = 8


def once(function: Callable[[*Given], Found]) -> Callable[[*Given], Found]:
    """Keep what a pure function found for the last few objects; what it returns is not changed.

    >>> words = ["one", "two"]
    >>> joined = once(lambda texts: " ".join(texts))
    >>> joined(words) is joined(words), joined(words) is joined(list(words))
    (True, False)
    """
    kept: OrderedDict[tuple[int, ...], tuple[tuple[*Given], Found]] = OrderedDict()
    lock = threading.Lock()

    @functools.wraps(function)
    def remembered(*given: *Given) -> Found:
        key = tuple(map(id, given))
        with lock:
            if key not in kept:
                # The objects are kept too: while they are, nothing else can have their identity.
                kept[key] = given, function(*given)
                while len(kept) > KEPT:
                    kept.popitem(last=False)
            kept.move_to_end(key)
            return kept[key][1]

    return remembered


class kept(Generic[Owner, Found]):
    """A property worked out when first asked for, which then stays in the object.

    `functools.cached_property` without its lock: until Python 3.12 all objects of a class share it,
    so that threads at work on different ranges of paths would wait for one another.

    >>> class Range:
    ...     @kept
    ...     def flows(self) -> list[int]:
    ...         return [1, 2]
    >>> own = Range()
    >>> own.flows is own.flows, vars(own)
    (True, {'flows': [1, 2]})
    """

    def __init__(self, function: Callable[[Owner], Found]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, own: None, owner: type[Owner]) -> Self: ...

    @overload
    def __get__(self, own: Owner, owner: type[Owner]) -> Found: ...

    def __get__(self, own: Owner | None, owner: type[Owner]) -> Self | Found:
        if own is None:
            return self
        found = vars(own)[self.function.__name__] = self.function(own)
        return found
