"""Conduct a study at the terminal: find it, say what it costs, train, write its tables and plots."""

import json
import os
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from minirearec.analysis.trials import Machine
from minirearec.atomic import write_bytes
from minirearec.data import load
from minirearec.data.catalogue.cards import known
from minirearec.errors import ConfigError, RunError
from minirearec.studies import PRESETS, Conducting, Study, read_study, result
from minirearec.studies.tables import StudyResult
from minirearec_cli import sweeping, training
from minirearec_cli.console import say, warn
from minirearec_cli.views import downloads
from minirearec_cli.views import study as views

LONG = 3600  # seconds
PROVES_NOTHING = "A quick study shows that everything works. Its models hardly train, so its figures prove nothing."


def find(name: str, rows: tuple[str, ...], blend: tuple[str, ...], quick: bool) -> Study:
    """Return the study of this name or in this file, with these rows or all of them. Raises ConfigError."""
    if name not in PRESETS and not os.path.isfile(name):
        raise ConfigError(f"no study and no file is called {name!r}", "study",
                          f"Choose one of: {', '.join(PRESETS)}. Or give a TOML file.")
    study = PRESETS[name]() if name in PRESETS else read_study(name)
    study = study.only(rows) if rows else study
    study = replace(study, blend=blend) if blend else study
    return study.quick() if quick else study


def prepare(notices: Console, study: Study, dataset: str, data_dir, out, seeds: int, settings: dict, device: str,
            backend: str, threads: int | None, jobs: int) -> Conducting:
    """Load the data and check every setting of the study."""
    if threads is not None:
        training.use_threads(threads)
    with downloads.DownloadBar(notices) as bar:
        data = load(known(dataset) or dataset, data_dir, progress=bar, require_real=True)
    return Conducting(study, data, out, seeds=seeds, settings=settings, machine=Machine(device, backend, threads),
                      jobs=jobs)


def conduct(notices: Console, work: Conducting, metric: str, quick: bool, estimate: bool,
            show: bool) -> StudyResult | sweeping.Estimate:
    """Train what is missing unless it is only to be shown, and return the table, or the estimate alone."""
    if quick:
        warn(notices, "Quick", PROVES_NOTHING)
    result(work, metric)  # an unknown metric should not wait for the training
    if not show:
        expected = sweeping.say_estimate(notices, work)
        if expected.seconds > LONG:
            say(notices, "That is long. --quick shows the table in minutes. --seeds 1 is quicker too, but one seed is "
                         "not enough for a claim.")
        if estimate:
            return expected
        sweeping.train(notices, work)
    found = result(work, metric)
    if not found.lines:
        raise RunError("no run of this study is finished", str(work.out), "Leave --show out to train them.")
    return found


def write(notices: Console, found: StudyResult, out: Path, quick: bool) -> None:
    """Write table.md, table.json and the plots beside the results."""
    files = {"table.json": json.dumps(found.to_dict(), indent=2) + "\n",
             "table.md": views.markdown(found, PROVES_NOTHING if quick else ""), **views.plots(found)}
    for name, content in files.items():
        try:
            write_bytes(out / name, content.encode())
        except OSError as error:
            raise RunError(f"cannot be written ({error.strerror})", str(out / name), "Make room or give write access; "
                           "the same command with --show writes it.") from error
    say(notices, f"Written to {out}: {', '.join(files)}")
