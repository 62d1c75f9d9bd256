"""How objects show themselves: one line at the prompt, a small table in a notebook."""

from html import escape

from minirearec.text import one_line


class Shown:
    """An object that says what it is in a few labelled words; see ``shown``."""

    def shown(self) -> dict[str, str]:
        """Return short texts by their labels; empty ones are left out."""
        raise NotImplementedError

    def __repr__(self) -> str:
        facts = ", ".join(f"{label}: {one_line(text)}" for label, text in self.shown().items() if text)
        return f"{type(self).__name__}({facts})"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th style='text-align:left'>{escape(label)}</th>"
                       f"<td style='text-align:left'>{escape(one_line(text))}</td></tr>"
                       for label, text in self.shown().items() if text)
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"
