"""Korean as it is written: the particle a word takes."""


def with_particle(text: str, closed: str, open_: str) -> str:
    """Korean text with the particle its last sound takes; a sign that is no syllable is open.

    >>> with_particle("융자", "이", "가"), with_particle("보증", "은", "는")
    ('융자가', '보증은')
    """
    last = text.rstrip(")”’")[-1:] or " "
    shut = "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 != 0
    return text + (closed if shut or last in "013678LMNRlmnr" else open_)
