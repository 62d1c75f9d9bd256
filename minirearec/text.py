"""Make text from others safe to print."""


def printable(text: str) -> str:
    """Return a text with its control characters escaped: they could move a terminal's cursor or hide text."""
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)
