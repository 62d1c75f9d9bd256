"""Define every error that a user can cause, as subclasses of one class.

A message says what is wrong, where (file, line, option) and what to do about it. The command line
prints it unchanged and exits with code 2; the library never prints.
"""


class MiniReaRecError(Exception):
    """An error that the user can fix: ``what`` is wrong, ``where``, and the ``fix``."""

    def __init__(self, what: str, where: str = "", fix: str = ""):
        super().__init__(what, where, fix)
        self.what, self.where, self.fix = what, where, fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.fix}" if self.fix else f"{head}."


class ConfigError(MiniReaRecError):
    """A setting that is unknown, of the wrong type or out of range."""


class DataError(MiniReaRecError):
    """A data set that is unknown, or a data file that cannot be read."""


class DownloadError(MiniReaRecError):
    """A data set that could not be downloaded from any of its addresses."""


class HistoryError(MiniReaRecError):
    """A history that is empty or contains items that the model does not know."""


class RunError(MiniReaRecError):
    """A run directory that is missing, incomplete, from another version, or not writable."""


class EvaluationError(MiniReaRecError):
    """Scores that cannot be ranked, such as NaN."""


class PluginError(MiniReaRecError):
    """A plugin that is missing, fails while it loads, or registers something of an unknown kind."""


class BenchError(MiniReaRecError):
    """A benchmark that failed, or two that cannot be compared."""


class ExportError(MiniReaRecError):
    """A run that cannot be exported in this form, or whose export cannot be written."""
