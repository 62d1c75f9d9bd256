"""What the shell completes: names of data sets, runs and studies. Click completes the rest from the options."""

from pathlib import Path

from click.shell_completion import CompletionItem

RUNS = ("", "runs")  # folders in which runs are looked for, besides the one that is typed
DATA, RUN = ("dataset",), ("run", "runs", "resume", "start_from", "blend")  # names of parameters


def candidates(parameter: str | None, typed: str) -> list[CompletionItem]:
    """Return what may follow what is typed, for the value of a parameter; by default a file."""
    found = data_sets() if parameter in DATA else runs(typed) if parameter in RUN else \
        studies() if parameter == "study" else []
    fitting = [one for one in found if one.startswith(typed) and one.isprintable()]
    file = CompletionItem(typed, type="file")  # first: bash forgets what came before it
    return [file, *(CompletionItem(one) for one in fitting)]


def data_sets() -> list[str]:
    """Return the names in the catalogue."""
    from minirearec.data.catalogue.cards import cards

    return list(cards())


def studies() -> list[str]:
    """Return the names of the studies that come with the library."""
    from minirearec.studies.presets import PRESETS

    return list(PRESETS)


def runs(typed: str) -> list[str]:
    """Return the directories that hold a run, below the current folder and below the folder that is typed."""
    below = typed.rpartition("/")[0] or "."
    found = {path.parent.as_posix() for folder in {*RUNS, below} for path in Path(folder).glob("*/config.toml")}
    return sorted(found)
