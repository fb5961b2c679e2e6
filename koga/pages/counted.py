"""English words that differ between one and many; Korean has no such words."""

import re

_CHOICE = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")


def by_number(text: str, number: object) -> str:
    """English text with each `{one|many}` decided by a number, given as it is printed.

    >>> by_number("%(n)s agenc{y|ies}", 1), by_number("line{|s}", "1,204")
    ('%(n)s agency', 'lines')
    """
    place = 1 if str(number) == "1" else 2
    return _CHOICE.sub(lambda found: found[place], text)
