"""Listeners: functions that hear every event of a training, by name, such as those that write its logs.

To add one, write ``start`` and one entry here; ``minirearec.register`` does the same from outside the package.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minirearec.errors import ConfigError
from minirearec.events import BatchDone, EpochDone, Event, Finished, RefitEpochDone, Started
from minirearec.extras import install
from minirearec.registry import Registry

Hear = Callable[[Event], None]
LOG, BOARD = "events.jsonl", "tensorboard"  # in the folder of a run


@dataclass(frozen=True, eq=False)
class Listener:
    """One way to listen: ``start(trainer)``, called when training begins or resumes, returns a function of events.

    ``needs`` is a package that has to be installed for it; the extra of the listener's name has it.
    """

    name: str
    help: str
    start: Callable[[Any], Hear]
    needs: str = ""


def check_installed(names: Iterable[str]) -> None:
    """Raise ConfigError for a listener whose package is not installed, or one that does not exist."""
    for one in (LISTENERS[name] for name in names):
        if one.needs and find_spec(one.needs) is None:
            raise ConfigError(f"{one.name} needs the package {one.needs}", "--log",
                              f"Install it: {install(one.name, one.needs)}")


def heard(events: Iterable[Event], trainer, names: Iterable[str]) -> Iterator[Event]:
    """Pass the events of a trainer on; the listeners of these names hear each one first. Raises ConfigError."""
    names = [names] if isinstance(names, str) else list(dict.fromkeys(names))
    check_installed(names)
    listeners = [LISTENERS[name].start(trainer) for name in names]
    for event in events:
        for hear in listeners:
            hear(event)
        yield event


def folder(trainer, name: str) -> Path:
    """Return the folder of a trainer's run. Raises ConfigError when it keeps none."""
    if trainer.run is None:
        raise ConfigError(f"the listener {name} writes into the run, and this trainer keeps none", "log",
                          "Give the trainer a folder with out=.")
    return trainer.run.path


def jsonl(trainer) -> Hear:
    """Append every event to events.jsonl as one line: ``{"event": "EpochDone", "epoch": 1, ...}``.

    A resumed run repeats the batches since its last checkpoint.
    """
    path = folder(trainer, "jsonl") / LOG

    def hear(event: Event) -> None:
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"event": type(event).__name__, **vars(event)}) + "\n")
        except OSError as error:
            raise _unwritable(path, error, "jsonl") from error

    return hear


def _unwritable(path: Path, error: OSError, name: str) -> ConfigError:
    return ConfigError(f"cannot be written ({error.strerror})", str(path),
                       f"Make room, or resume without --log {name}.")


def tensorboard(trainer) -> Hear:
    """Write losses and validation metrics for TensorBoard: by position for batches, by epoch for the rest."""
    from torch.utils.tensorboard import SummaryWriter

    path, phase, positions = folder(trainer, "tensorboard") / BOARD, "", 0
    try:
        writer = SummaryWriter(str(path))
    except OSError as error:
        raise _unwritable(path, error, "tensorboard") from error

    def hear(event: Event) -> None:
        nonlocal phase, positions
        match event:
            case Started():
                phase, positions = "refit_" * event.refit, event.positions
            case BatchDone():
                writer.add_scalar(f"{phase}loss/batch", event.loss, (event.epoch - 1) * positions + event.positions)
            case EpochDone() | RefitEpochDone():
                writer.add_scalar(f"{phase}loss/epoch", event.loss, event.epoch)
                for name, value in getattr(event, "metrics", {}).items():
                    writer.add_scalar(f"validation/{name}", value, event.epoch)
                writer.flush()
            case Finished():
                writer.close()

    return hear


LISTENERS: Registry[Listener] = Registry("listener", "--log")
LISTENERS["jsonl"] = Listener("jsonl", f"every event, batches too, as a line of JSON in {LOG} of the run", jsonl)
LISTENERS["tensorboard"] = Listener("tensorboard", f"losses and metrics for TensorBoard, in the folder {BOARD} of the "
                                    "run", tensorboard, needs="tensorboard")
