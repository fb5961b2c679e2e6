"""Korean registration numbers. A failed check digit is a warning, never a refusal: corporate
numbers issued from 2025 may carry none, and a register's typing error is not the recipient's."""

from koga.core.problems import Problem

_BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CORPORATE_WEIGHTS = (1, 2) * 6


def digits(text: str) -> str:
    """The digits of a number written with hyphens or blanks.

    >>> digits("123-45-67891")
    '1234567891'
    """
    return "".join(character for character in text if character.isascii() and character.isdigit())


def check_business_number(text: str, where: str = "") -> list[Problem]:
    """Warnings for a business registration number (사업자등록번호, ten digits).

    >>> check_business_number("123-45-67891")
    []
    >>> [problem.code for problem in check_business_number("123-45-67890")]
    ['identifiers.check_digit']
    """
    number = digits(text)
    if len(number) != 10:
        return [Problem("identifiers.length", where, text, {"expected": 10})]
    total = sum(int(d) * w for d, w in zip(number, _BUSINESS_WEIGHTS, strict=False))
    total += int(number[8]) * 5 // 10
    return _checked((10 - total % 10) % 10 == int(number[9]), text, where)


def check_corporate_number(text: str, where: str = "") -> list[Problem]:
    """Warnings for a corporate registration number (법인등록번호, thirteen digits).

    >>> check_corporate_number("123456-7890120")
    []
    """
    number = digits(text)
    if len(number) != 13:
        return [Problem("identifiers.length", where, text, {"expected": 13})]
    total = sum(int(d) * w for d, w in zip(number, _CORPORATE_WEIGHTS, strict=False))
    return _checked((10 - total % 10) % 10 == int(number[12]), text, where)


def _checked(passed: bool, text: str, where: str) -> list[Problem]:
    return [] if passed else [Problem("identifiers.check_digit", where, text)]
