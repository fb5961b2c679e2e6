"""The colours of charts, sheets, workbooks and terminal output: one set of names, one order."""

from typing import Final

INK: Final = "#16191d"
SOFT: Final = "#545b65"
RULE: Final = "#d5d9df"
HAIRLINE: Final = "#e8ebef"
BLUE: Final = "#0b4f8a"
LATE: Final = "#a8261c"
CORRECTED: Final = "#7a4f00"
DERIVED: Final = "#3a6b35"
PAPER: Final = "#ffffff"

SERIES: Final = ("#1f5b94", "#d08a1d", "#3b8f86", "#a8482f", "#7d86a3", "#b9c0c9")
"""Colours of series in order; at most six stand in one chart."""
LABELS: Final = ("#1f5b94", "#8a5600", "#28706a", "#a8482f", "#585f7b", "#5d646d")
"""The same in order for text, darkened where the series' own colour is below 4.5:1 on white."""
NOTHING: Final = SERIES[5]
"""What has no category is drawn in this grey, never left out."""


def contrast(colour: str, ground: str = PAPER) -> float:
    """The contrast ratio of two colours (WCAG 2.2), from 1 to 21.

    >>> round(contrast(SOFT), 1)
    6.9
    """
    lighter, darker = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
