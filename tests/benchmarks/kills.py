"""Kill training at random moments, and start many runs at the same instant; check that nothing is lost or mixed.

    python tests/benchmarks/kills.py --kills 100     # identical to the last bit after 100 SIGKILLs
    python tests/benchmarks/kills.py --starts 40     # 40 starts at the same instant

Half of the kills come at a random moment, the others inside a write: before, in the middle of or after a file operation
that is chosen at random. The last line is a JSON object. The program runs in forked processes, on one thread.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import click

SMALL = ("--width", "8", "--inner-width", "8", "--layers", "1", "--learning-rate", "0.01", "--warmup-epochs", "1",
         "--batch-positions", "150", "--epochs", "3", "--save-every", "0", "--quiet")
KINDS = [(method, backend, refit) for method in ("base", "erl", "prl", "counts") for backend in ("torch", "numpy")
         for refit in ("--no-refit", "--refit")]
MOST_KILLS = 3  # of one run


def write_data(path: Path) -> Path:
    """Write a small data file."""
    from minirearec.data import beauty_sim

    data = beauty_sim(users=150, items=60, interactions=1100)
    path.write_text("".join(f"{user} {' '.join(map(str, data.item_ids[data.history(index)].tolist()))}\n"
                            for index, user in enumerate(data.user_ids.tolist())))
    return path


def program(words, prepare=None, at: float = 0.0) -> int:
    """Start the command line in a forked process, at a given time; return the process id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        from minirearec_cli.main import cli

        if prepare:
            prepare()
        time.sleep(max(0.0, at - time.time()))
        cli.main([str(word) for word in words], prog_name="minirearec")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """Return the exit code of a process, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_in_write(number: int):
    """Kill this process in its ``number``-th file operation of ``atomic``; a write is cut in half first."""
    count = [0]

    def watched(function, cut=False):
        def call(*arguments, **options):
            count[0] += 1
            if count[0] != number:
                return function(*arguments, **options)
            if cut:
                function(arguments[0], arguments[1][:len(arguments[1]) // 2])
            elif number % 2:
                function(*arguments, **options)
            os.kill(os.getpid(), signal.SIGKILL)
        return call

    for owner, name in ((Path, "touch"), (os, "fsync"), (os, "replace")):
        setattr(owner, name, watched(getattr(owner, name)))
    Path.write_bytes = watched(Path.write_bytes, cut=True)


def outcome(run: Path) -> dict:
    """Return everything about a finished run that must repeat: results, epochs and all tensors."""
    from minirearec.runs.directory import Run

    opened = Run.open(run)
    results = {name: value for name, value in opened.read_results().items()
               if name not in ("seconds", "run", "config", "sha256")}
    names = [path.stem for path in sorted(run.glob("*.safetensors"))]
    tensors = {name: {key: (value.dtype.str, value.shape, value.tobytes()) for key, value in
                      opened.load_tensors(name)[0].items()} for name in names}
    epochs = [vars(epoch) | {"seconds": 0} for epoch in opened.read_metrics()] if opened.has("metrics.jsonl") else []
    return {"results": results, "epochs": epochs, "tensors": tensors}


def one_run(words, run: Path, seconds: float, kills: int, rng: random.Random) -> tuple[int, int]:
    """Train a run to its end and kill it this many times; return the number of kills, and those inside an epoch."""
    done = inside = 0
    while True:
        started = (run / "config.toml").exists()
        if not started:
            shutil.rmtree(run, ignore_errors=True)  # killed before there was a run
        now = ["train", "--resume", run, "--quiet", "--save-every", 0] if started else words
        if done == kills:
            assert wait(program(now)) == 0, "a killed run could not be resumed"
            return done, inside
        if rng.random() < 0.5:
            number = rng.randint(1, 60)
            child = program(now, prepare=lambda number=number: die_in_write(number))
        else:
            child = program(now)
            time.sleep(rng.uniform(0, seconds))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        code = wait(child)
        if code == -signal.SIGKILL:
            done += 1
            inside += place_inside(run)
        else:
            assert code == 0, f"exit code {code}"
            if (run / "results.json").exists():
                shutil.rmtree(run)  # finished before the kill: again
                done = inside = 0


def place_inside(run: Path) -> bool:
    """Return whether the last checkpoint of a run lies inside an epoch."""
    from minirearec.runs.checkpoint import Checkpoint
    from minirearec.runs.directory import Run

    if not (run / "config.toml").exists():
        return False
    checkpoint = Checkpoint.load(Run.open(run))
    return checkpoint is not None and checkpoint.inside.batches > 0


def all_kills(folder: Path, kills: int, seed: int) -> dict:
    """Kill runs of every kind until there were this many kills; compare each with a run that was left alone."""
    rng, data = random.Random(seed), write_data(folder / "data.txt")
    expected, seconds = {}, {}
    found = {"kills": 0, "inside_epochs": 0, "runs": 0, "identical": 0}
    while found["kills"] < kills:
        kind = method, backend, refit = KINDS[found["runs"] % len(KINDS)]
        words = ["train", "--dataset", data, "--method", method, "--backend", backend, refit, *SMALL, "--out"]
        if kind not in expected:
            whole = folder / "".join(kind)
            began = time.time()
            assert wait(program([*words, whole])) == 0
            seconds[kind] = time.time() - began
            expected[kind] = outcome(whole)
        run = folder / f"run-{found['runs']}"
        times, inside = one_run([*words, run], run, seconds[kind], rng.randint(1, MOST_KILLS), rng)
        found["runs"] += 1
        found["kills"] += times
        found["inside_epochs"] += inside
        found["identical"] += outcome(run) == expected[kind]
        shutil.rmtree(run)
    return found


def all_starts(folder: Path, starts: int) -> dict:
    """Start this many runs at the same instant, without --out and then with the same --out; count what is whole."""
    from minirearec.runs.directory import Run

    data = write_data(folder / "data.txt")
    os.chdir(folder)
    small = [*SMALL[:-5], "--epochs", "1", "--quiet"]
    codes: dict[str, list[int]] = {}
    for name, out in (("own", []), ("same", ["--out", "same"])):
        at = time.time() + 1
        words = ["train", "--dataset", data, *small, *out]
        children = [program([*words, "--seed", seed], at=at) for seed in range(starts)]
        codes[name] = [wait(child) for child in children]
    runs = [Run.open(path) for path in sorted(Path("runs").iterdir())]
    whole = [run for run in runs if run.read_results()["settings"] == run.config.to_dict()]
    seeds = {run.config.training.seed for run in whole}
    Run.open(Path("same")).read_results()
    return {"starts": starts, "runs": len(runs), "not_mixed": len(whole), "seeds": len(seeds),
            "same_out_done": codes["same"].count(0), "same_out_refused": codes["same"].count(2)}


@click.command()
@click.option("--kills", type=int, help="Kill training this many times.")
@click.option("--starts", type=int, help="Start this many runs at the same instant.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(kills, starts, seed):
    """Kill training at random moments, or start many runs at the same instant."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch

    import minirearec.nn.learner
    import minirearec.reference.engine
    import minirearec_cli.training

    assert minirearec and minirearec_cli
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        began = time.time()
        found = all_kills(Path(folder), kills, seed) if kills else all_starts(Path(folder), starts)
        os.chdir("/")
        good = found["identical"] == found["runs"] if kills else \
            found["not_mixed"] == found["seeds"] == starts and found["same_out_done"] == 1 == starts - \
            found["same_out_refused"]
        print(json.dumps({**found, "seconds": round(time.time() - began, 1)}))
        sys.exit(not good)


if __name__ == "__main__":
    main()
