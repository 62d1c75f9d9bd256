"""A group of commands that imports only the one that is called."""

import importlib
import keyword

from minirearec_cli.options import ExampleGroup


class LazyGroup(ExampleGroup):
    """A group that knows its commands' names and one-line descriptions without importing them.

    ``package`` has one module per command, which defines ``command``; a name of Python's own gets an underscore
    (``import`` is in ``import_.py``). ``lines``: the description of each command, in the order of the help.
    """

    def __init__(self, *args, package: str, lines: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.package, self.lines = package, lines

    def list_commands(self, ctx):
        return list(self.lines)

    def get_command(self, ctx, name):
        if name in self.lines:
            module = name.replace("-", "_") + "_" * keyword.iskeyword(name)
            return importlib.import_module(f"{self.package}.{module}").command
        if ctx.resilient_parsing:
            return None  # the shell completes: there is nobody to tell
        if name.startswith("-"):
            return None  # an option: click says what is wrong with it
        import difflib  # only for this message: help should not wait for it

        near = difflib.get_close_matches(name, self.lines, n=1)
        guess = f"Did you mean {near[0]}?" if near else f"Choose one of: {', '.join(self.lines)}."
        ctx.fail(f"No such command {name!r}. {guess}")

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))
