"""Types of the values at the command line: names, numbers and places. Each refuses what click would let through."""

import math
import os
import re
import stat

import click

from minirearec.registry import Registry

WHOLE = re.compile("[+-]?[0-9]{1,1000}")  # Python refuses to read a number of more than 4,300 digits
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
LARGEST = 2**63 - 1


class Named(click.ParamType):
    """A name from a registry, looked up when the option is read: plugins may have added some."""

    name = "name"

    def __init__(self, registry: Registry):
        self.registry = registry

    def convert(self, value, param, ctx):
        if value not in self.registry:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, self.registry))}.", param, ctx)
        return value

    def shell_complete(self, ctx, param, incomplete):
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in self.registry if name.startswith(incomplete)]


class Whole(click.IntRange):
    """A whole number in ASCII digits. Python would also read ``1_0``, and the digits of every script."""

    def __init__(self, min: int | None = None, max: int | None = LARGEST):
        super().__init__(min, max)

    def convert(self, value, param, ctx):
        if isinstance(value, str) and not WHOLE.fullmatch(value):
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if self.max == LARGEST < int(value):
            self.fail(f"{value!r} is too large.", param, ctx)
        return super().convert(value, param, ctx)

    def _describe_range(self):  # of click: without bounds that nobody means
        low = "" if self.min is None else f"{self.min}<="
        high = "" if self.max in (None, LARGEST) else f"<={self.max}"
        return f"{low}x{high}" if high else f"x>={self.min}" if low else ""


class Decimal(click.types.FloatParamType):
    """A number in ASCII digits; see ``Whole``."""

    def convert(self, value, param, ctx):
        if isinstance(value, str) and not DECIMAL.fullmatch(value):
            self.fail(f"{value!r} is not a number.", param, ctx)
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is too large.", param, ctx)
        return number


class Place(click.Path):
    """A file or folder, which may not exist yet, or the name of a data set.

    The empty text is none: Python would take it for the current folder. A device or a pipe is none either: reading it
    may never end, and a finished file would be moved over it.
    """

    def convert(self, value, param, ctx):
        if not value or "\0" in str(value):
            self.fail(f"{value!r} is not a path.", param, ctx)
        try:
            mode = os.stat(value).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                self.fail(f"{value!r} is neither a file nor a folder.", param, ctx)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            pass  # the command knows whether it matters
        except UnicodeEncodeError:
            self.fail(f"{value!r} is not a path in the encoding of this system.", param, ctx)
        except OSError as error:  # a name that is too long, a link to itself
            self.fail(f"{value!r} is not a path ({error.strerror}).", param, ctx)
        return super().convert(value, param, ctx)

    def shell_complete(self, ctx, param, incomplete):
        from minirearec_cli.completing import candidates

        return candidates(param.name, incomplete)
