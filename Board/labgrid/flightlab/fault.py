"""What ends a scenario before it has a result."""


class PlaceError(Exception):
    """One sentence: what is wrong, where, what to do."""


def last_words(lines, count=3):
    """The end of what a program said, in one line."""
    said = [line.strip() for line in lines if line.strip()]
    return " ".join(said[-count:]) or "it said nothing"


def begin(text):
    """As the beginning of a sentence; unlike capitalize() it leaves names as they are."""
    return text[:1].upper() + text[1:]
