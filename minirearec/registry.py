"""Tables of named choices: methods, backbones, item encoders, metrics, and how each backend computes them."""

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from minirearec.errors import ConfigError

T = TypeVar("T")


class Registry(dict[str, T]):
    """A dict from name to choice; the error for an unknown name lists the known ones.

    With ``package``, a missing name imports the module of that name from the package, and the module adds its entry:
    ``OBJECTIVES["erl"]`` imports ``nn/objectives/erl.py``.
    """

    def __init__(self, kind: str, option: str, package: str = ""):
        super().__init__()
        self.kind, self.option, self.package = kind, option, package
        self.of_users: set[str] = set()  # what ``register`` added

    def __missing__(self, name: str) -> T:
        module = f"{self.package}.{name}"
        if self.package and str(name).isidentifier() and find_spec(module):
            import_module(module)
        if name in self:
            return self[name]
        if self.package:  # the name is known elsewhere; this backend lacks it
            raise ConfigError(f"{name!r} has no {self.kind}", self.option,
                              "Choose another --backend (to export: another --to), or register one.")
        raise ConfigError(f"unknown {self.kind} {name!r}", self.option, f"Choose one of: {', '.join(self)}.")

    def register(self, name: str, choice: T) -> None:
        """Add a user's choice, or replace an earlier one. Raises ConfigError for a name that the library uses."""
        with suppress(ConfigError):
            self[name]  # imports the library's own, if it has one
        if name in self and name not in self.of_users:
            raise ConfigError(f"the library has its own {self.kind} {name!r}", "register", "Choose another name.")
        self[name] = choice
        self.of_users.add(name)
