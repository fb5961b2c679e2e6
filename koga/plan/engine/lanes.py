"""Eight paths worked on together: eight numbers, one a path, that take part in sums as one.

Compiled, they are one vector of the processor; uncompiled, NumPy's arrays of eight. Whatever is
done to them is done to each path by itself, so that a path's result never depends on its
neighbours. Arrays that are read and written in lanes have the paths as their last axis.
"""

import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

from koga.plan.engine.compiled import inlined, lean
from koga.plan.model import Floats

LANES = 8
Lanes: TypeAlias = Floats

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0
"""1.5 · 2^52: added and taken away, it rounds to whole numbers and shows them in the low bits."""


def at(numbers: Floats) -> Lanes:
    """The eight numbers of an array of eight."""
    return numbers.reshape(LANES).copy()


def put(numbers: Floats, found: Lanes) -> None:
    """Write them into an array of eight."""
    numbers[:LANES] = found


def alike(number: float) -> Lanes:
    """One number for all eight paths."""
    return np.full(LANES, number)


def most(one: Lanes, other: Lanes) -> Lanes:
    """The larger of two, path by path."""
    return np.maximum(one, other)


def least(one: Lanes, other: Lanes) -> Lanes:
    """The smaller of two, path by path."""
    return np.minimum(one, other)


def turn(source: Floats, target: Floats) -> None:
    """Eight by eight numbers of `source` into `target`, rows becoming columns."""
    target[:LANES, :LANES] = source[:LANES, :LANES].T


def _doubled(numbers: Lanes, rounded: Lanes) -> Lanes:
    """Numbers times two to the power that stands in the low bits of `rounded`."""
    bits = numbers.view(np.int64) + (rounded.view(np.int64) << 52)
    return bits.view(np.float64)


def room(*shape: int) -> Floats:
    """Noughts for eight paths, their axis added last, each eight in one line of the cache."""
    size = math.prod(shape) * LANES
    whole = np.zeros(size + LANES)
    begin = -whole.ctypes.data // whole.itemsize % LANES
    return whole[begin : begin + size].reshape(*shape, LANES)


@inlined
def exp(logs: Lanes) -> Lanes:
    """exp of numbers between -700 and 700, without a branch, to 15 digits."""
    rounded = logs * _LOG2E + _MAGIC
    whole = rounded - _MAGIC
    r = (logs - whole * _LN2_HIGH) - whole * _LN2_LOW
    squared = r * r
    fourth = squared * squared
    low = (1.0 + r) + (1 / 2 + r * (1 / 6)) * squared
    middle = (1 / 24 + r * (1 / 120)) + (1 / 720 + r * (1 / 5040)) * squared
    high = (1 / 40320 + r * (1 / 362880)) + (1 / 3628800 + r * (1 / 39916800)) * squared
    high = high + fourth * (1 / 479001600)
    return _doubled(low + (middle + high * fourth) * fourth, rounded)


@lean
def abreast(paths: Floats, found: Floats) -> None:
    """Numbers of eight paths, a row for each path, with the paths as last axis instead.

    Whole blocks, the last of which may overlap the one before.
    """
    count = paths.shape[1]
    for begin in range(0, count if count >= LANES else 0, LANES):
        place = min(begin, count - LANES)
        turn(paths[:, place : place + LANES], found[place : place + LANES])
    for place in range(0 if count < LANES else count, count):
        for lane in range(LANES):
            found[place, lane] = paths[lane, place]


@lean
def apart(found: Floats, paths: Floats) -> None:
    """The way back: a row for each of the eight paths that were the last axis."""
    count = found.shape[0]
    for begin in range(0, count if count >= LANES else 0, LANES):
        place = min(begin, count - LANES)
        turn(found[place : place + LANES], paths[:, place : place + LANES])
    for place in range(0 if count < LANES else count, count):
        for lane in range(LANES):
            paths[lane, place] = found[place, lane]


# ---------------------------------------------------------------- what the compiler makes of them


class _Vector(types.Type):
    """Numba's type of lanes."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


_VECTOR = _Vector()
_DOUBLES, _WHOLE = (ir.VectorType(each, LANES) for each in (ir.DoubleType(), ir.IntType(64)))
_PLACES = ir.VectorType(ir.IntType(32), LANES)


@register_model(_Vector)
class _Stored(models.PrimitiveModel):
    """In a register, and in memory where registers run out."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


def _means(function: Callable[..., Any], found: Any, *kinds: Any) -> Callable[[Any], Any]:
    """Tell Numba what a function of arguments of these kinds returns and how it is compiled."""

    def generic(_self: Any, given: Any, _named: Any) -> Any:
        fit = len(given) == len(kinds) and all(map(isinstance, given, kinds))
        return signature(found, *given) if fit else None

    name = function.__name__
    infer_global(function)(type(name, (AbstractTemplate,), {"key": function, "generic": generic}))
    return lower_builtin(function, *kinds)


def _arithmetic(function: Callable[..., Any], instruction: str) -> None:
    """Sums and products; they may be fused, as in every kernel."""

    def lowered(_context: Any, builder: Any, asked: Any, given: Any) -> Any:
        both = [_spread(builder, *each) for each in zip(asked.args, given, strict=True)]
        return getattr(builder, instruction)(*both, flags=("contract",))

    for kinds in ((_Vector, _Vector), (_Vector, types.Float), (types.Float, _Vector)):
        _means(function, _VECTOR, *kinds)(lowered)


def _chosen(function: Callable[..., Any], order: str) -> None:
    """Of two numbers the one that is `order` than the other."""

    def lowered(_context: Any, builder: Any, _asked: Any, given: Any) -> Any:
        return builder.select(builder.fcmp_ordered(order, *given), *given)

    _means(function, _VECTOR, _Vector, _Vector)(lowered)


def _spread(builder: Any, kind: Any, value: Any) -> Any:
    """A number for all lanes; lanes as they are."""
    if isinstance(kind, _Vector):
        return value
    none, first = ir.Constant(_DOUBLES, ir.Undefined), ir.Constant(ir.IntType(32), 0)
    one = builder.insert_element(none, value, first)
    return builder.shuffle_vector(one, none, ir.Constant(_PLACES, [0] * LANES))


def _place(context: Any, builder: Any, kind: Any, value: Any, row: int = 0) -> Any:
    """Where eight doubles of an array begin, in its row `row`."""
    array = context.make_array(kind)(context, builder, value)
    apart = builder.mul(builder.extract_value(array.strides, 0), ir.Constant(ir.IntType(64), row))
    return cgutils.pointer_add(builder, array.data, apart, _DOUBLES.as_pointer())


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
_chosen(most, ">")
_chosen(least, "<")


@_means(alike, _VECTOR, types.Float)
def _alike(_context: Any, builder: Any, asked: Any, given: Any) -> Any:
    return _spread(builder, asked.args[0], given[0])


@_means(at, _VECTOR, types.Array)
def _read(context: Any, builder: Any, asked: Any, given: Any) -> Any:
    return builder.load(_place(context, builder, asked.args[0], given[0]), align=8)


@_means(put, types.none, types.Array, _Vector)
def _write(context: Any, builder: Any, asked: Any, given: Any) -> Any:
    builder.store(given[1], _place(context, builder, asked.args[0], given[0]), align=8)
    return context.get_dummy_value()


@_means(_doubled, _VECTOR, _Vector, _Vector)
def _shifted(_context: Any, builder: Any, _asked: Any, given: Any) -> Any:
    bits, power = (builder.bitcast(each, _WHOLE) for each in given)
    power = builder.shl(power, ir.Constant(_WHOLE, [52] * LANES))
    return builder.bitcast(builder.add(bits, power), _DOUBLES)


@_means(turn, types.none, types.Array, types.Array)
def _turned(context: Any, builder: Any, asked: Any, given: Any) -> Any:
    """Three rounds in each of which half of every row changes places with that of another."""
    one, other = zip(asked.args, given, strict=True)
    rows = [builder.load(_place(context, builder, *one, row), align=8) for row in range(LANES)]
    for apart in (1, 2, 4):
        low = [p if p & apart == 0 else p - apart + LANES for p in range(LANES)]
        high = [p + apart if p & apart == 0 else p + LANES for p in range(LANES)]
        for row in (row for row in range(LANES) if row & apart == 0):
            pair = rows[row], rows[row + apart]
            rows[row], rows[row + apart] = (
                builder.shuffle_vector(*pair, ir.Constant(_PLACES, places))
                for places in (low, high)
            )
    for row, found in enumerate(rows):
        builder.store(found, _place(context, builder, *other, row), align=8)
    return context.get_dummy_value()
