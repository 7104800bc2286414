"""Small matters of wording that several dialogs share."""

UNITS = ("bytes", "kB", "MB", "GB", "TB")


def sentence(text: str) -> str:
    """Return a message as a sentence: a capital at its beginning, a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    end = "" if text[-1] in ".!?…:" else "."
    return text[0].upper() + text[1:] + end


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as "1 row" or "1,000 rows"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(number: int) -> str:
    """Return a file's size, as "12.3 kB"; a kilobyte is 1,000 bytes."""
    value, place = float(number), 0
    while value >= 999.5 and place < len(UNITS) - 1:
        value, place = value / 1000, place + 1
    return count(number, "byte") if not place else f"{value:.3g} {UNITS[place]}"
