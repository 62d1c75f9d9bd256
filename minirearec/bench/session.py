"""Measure everything: each part in a process of its own, start-up by whole commands. It yields events, prints nothing.

The result is one dict of plain values, which ``minirearec bench --json`` prints and ``comparing`` compares.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from minirearec.bench.machine import load_average, processor
from minirearec.bench.timing import QUICK_REPEATS, REPEATS, Times, in_turns
from minirearec.config import Config
from minirearec.data.sequences import SequenceData
from minirearec.engine import with_features
from minirearec.errors import BenchError, ConfigError
from minirearec.methods import METHODS
from minirearec.runs.checkpoint import BEST
from minirearec.runs.directory import DataFacts, Run
from minirearec.runs.environment import environment
from minirearec.weights import draw, starts_of

FORMAT = 1
PARTS = ("training", "evaluation", "serving", "opening")
PROGRAM = (sys.executable, "-m", "minirearec_cli.main")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Measuring:
    """A part begins: number ``done`` of ``total``, counted from 0."""

    part: str
    done: int
    total: int


@dataclass(frozen=True)
class Measured:
    """One case is measured."""

    name: str
    median: float


@dataclass(frozen=True)
class Done:
    """Everything is measured; ``result`` is what the JSON output holds."""

    result: dict


@dataclass(frozen=True)
class Request:
    """What to measure. ``threads`` None leaves the number to the backend; ``data_dir`` is where the data were found."""

    config: Config
    data: SequenceData
    backend: str = "torch"
    device: str = "auto"
    threads: int | None = None
    quick: bool = False
    full_epoch: bool = False
    data_dir: str | None = None
    command: str = ""


def measure(request: Request) -> Iterator[Measuring | Measured | Done]:
    """Measure all parts and yield events, the last with the result.

    Raises ConfigError for a method without matrix products and for data without the features that the item encoder
    needs, BenchError when the process of a part fails.
    """
    if not METHODS[request.config.objective.method].neural:
        raise ConfigError(f"method {request.config.objective.method} has no neural network to measure", "--method",
                          "Choose another method.")
    config, features = with_features(request.config, request.data)
    request = replace(request, config=config)
    began, load, found = time.perf_counter(), load_average(), []
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder) / "run", request, features)
        for done, part in enumerate(PARTS):
            yield Measuring(part, done, len(PARTS) + 1)
            for line in run_part(part, request, run):
                found.append({**line, "part": part})
                if "case" in line:
                    yield Measured(line["case"], line["seconds"]["median"])
        yield Measuring("start-up", len(PARTS), len(PARTS) + 1)
        for line in start_up(request, run):
            found.append({**line, "part": "start-up"})
            yield Measured(line["case"], line["seconds"]["median"])
    yield Done(result(request, found, {"seconds": time.perf_counter() - began, "load": load}))


def make_run(path: Path, request: Request, features: np.ndarray | None = None) -> Path:
    """Write a run as training would leave it, with the weights that it starts from."""
    config, data = request.config, request.data
    run = Run.create(path, config, data, request.backend, {}, features=features)
    run.save_tensors(BEST, draw(starts_of(config, data.n_items), config.model.initial_std, config.training.seed),
                     {"epoch": 1})
    return path


def run_part(part: str, request: Request, run: Path) -> Iterator[dict]:
    """Run one part in a process of its own and yield its lines. One user is always served by one thread."""
    data = request.data
    job = {"part": part, "config": request.config.to_dict(), "where": data.where or data.name,
           "data_dir": request.data_dir, "synthetic": data.synthetic, "backend": request.backend,
           "device": request.device, "quick": request.quick, "full_epoch": request.full_epoch, "run": str(run)}
    threads = 1 if part == "serving" else request.threads
    chosen = {} if threads is None else dict.fromkeys(THREADS, str(threads))
    with subprocess.Popen([sys.executable, "-m", "minirearec.bench.child"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, env={**os.environ, **chosen}) as process:
        try:
            assert process.stdin and process.stdout
            with suppress(BrokenPipeError), process.stdin:  # a process that ended early says why below
                process.stdin.write(json.dumps(job))
            for text in process.stdout:
                line = json.loads(text)
                if "error" in line:
                    raise BenchError(*line["error"])
                yield line
        except BaseException:  # an error, an interruption, or nobody reads the rest
            process.kill()
            raise
    if process.returncode:
        raise BenchError(f"the process of the part ended with exit code {process.returncode}", f"bench, {part}",
                         "Its message is above. A negative code is a signal; -9 often means too little memory.")


def start_up(request: Request, run: Path) -> Iterator[dict]:
    """Measure whole commands in fresh processes: Python itself, the import, the help, and one recommendation."""
    item = next((one for one in map(str, request.data.item_ids.tolist()) if "," not in one), None)
    commands = {
        "python itself": (sys.executable, "-c", "pass"),
        "import minirearec": (sys.executable, "-c", "import minirearec"),
        "minirearec --help": (*PROGRAM, "--help")}
    if item is not None:  # --history can name it
        commands["minirearec recommend"] = (*PROGRAM, "recommend", str(run), f"--history={item}", "--json")
    for name, command in commands.items():
        way = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        try:
            taken = in_turns({name: way}, QUICK_REPEATS if request.quick else REPEATS)[name]
        except subprocess.CalledProcessError as error:
            raise BenchError(f"it ended with exit code {error.returncode}", name, "Its message is above.") from error
        yield {"case": name, "seconds": asdict(Times.of(taken)), "note": "whole commands in new processes"}


def work_of(request: Request) -> dict:
    """Return what is measured: data, settings and backend. Results are compared only if all of these agree."""
    config, _ = with_features(request.config, request.data)
    return {"data": asdict(DataFacts.of(request.data)), "settings": config.to_dict(), "backend": request.backend}


def result(request: Request, found: list[dict], around: dict) -> dict:
    """Return everything that was measured, on what and with what; ``around``: facts of the whole measurement."""
    machine = next(line["machine"] for line in found if "machine" in line)
    facts = environment(request.config, request.data, request.device, request.command)
    cases = {line["case"]: {key: value for key, value in line.items() if key != "case"}
             for line in found if "case" in line}
    return {"bench": FORMAT, "command": facts["command"], "quick": request.quick, "full_epoch": request.full_epoch,
            **around, **work_of(request),
            "machine": {**{key: facts[key] for key in ("versions", "platform", "cores")}, "processor": processor(),
                        **machine},
            "cases": cases, "memory": {line["memory"]: line["bytes"] for line in found if "memory" in line}}
