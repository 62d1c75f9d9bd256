"""Train every backbone with every item encoder and method on one data set; compare each method with its own base.

    python -m tests.benchmarks.backbones --dataset beauty --data-dir DIR --features DIR/Beauty_item2attributes.json
    python -m tests.benchmarks.backbones --dataset ml-100k --data-dir DIR --features all --results ml.jsonl

Every finished run is a line of the results file at once, and a run that is there is not trained again: after an
interruption, repeat the command. --show only draws the table. Test part, seen items excluded. Differences are paired,
user by user, and each user's metric is first averaged over the seeds. Seconds are CPU time of all threads and include
validation. The settings are the defaults of each method and part but for those in CHOSEN, which we chose on the
validation part with compare.py.
"""

import json
import resource
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from minirearec.config import SECTIONS, Config
from minirearec.evaluation.metrics import bootstrap_interval, per_user
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec.studies.results import packed, unpacked
from tests.benchmarks.compare import parse, run

CHOSEN: dict[str, dict] = {}  # settings by the name of a backbone or an item encoder
METRICS = ("Recall@10", "NDCG@10", "NDCG@20")
COMPARED = "NDCG@20"
DEFAULTS = {name: asdict(section()) for name, section in SECTIONS.items()}


def opened(dataset: str, data_dir: str | None, features: str | None):
    """Load the data with the features that are kept beside them, or with those made from a source."""
    from minirearec.data import load
    from minirearec.data.features import Making, make_features

    data = load(dataset, data_dir, require_real=True)
    return replace(data, features=make_features(data, Making(features))) if features else data


def config_of(backbone: str, items: str, method: str, common: dict) -> Config:
    """Return the settings of one cell of the table; the base takes no steps, and "morec+ids" adds free vectors."""
    encoder, _, with_ids = items.partition("+")
    settings = {**CHOSEN.get(backbone, {}), **CHOSEN.get(encoder, {}), **common}
    if not METHODS[method].reasons:
        settings.pop("steps", None)
    return Config.make(backbone=backbone, items=encoder, with_ids=bool(with_ids), method=method, **settings)


def key(facts: dict, config: Config) -> str:
    """Return what identifies a run: the data, the features if the model reads any, and what differs from the defaults.

    So a setting that later versions add is as it was: at its default.
    """
    read = facts["features"] if ITEM_ENCODERS[config.model.items].needs_features else None
    chosen = {name: value for section, values in config.to_dict().items() for name, value in values.items()
              if value != DEFAULTS[section][name]}
    return json.dumps({"data": facts["data"], "features": read, "settings": chosen}, sort_keys=True)


def measure(place: tuple, settings: dict, threads: int) -> dict:
    """Train one model in a process of its own; return what the table needs of it."""
    import torch

    torch.set_num_threads(threads)
    found = run(opened(*place), settings)
    ranks = found["test"].excluded[found["test"].answer]
    return {"epochs": found["epochs"], "best": found["best"], "seconds": found["seconds"],
            "cpu_seconds": found["cpu_seconds"],
            "valid": found["valid"].metrics(), "test": found["test"].metrics(),
            "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
            "ranks": packed(ranks)}


def read(path: Path) -> dict[str, dict]:
    """Return the runs of a results file by their key."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {line["key"]: line for line in map(json.loads, lines)}


def train(place: tuple, missing: dict[str, Config], path: Path, jobs: int, threads: int) -> None:
    """Train what is missing, ``jobs`` at a time, and add a line to the results file after each."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        started = {}
        for name, config in missing.items():
            settings = {one: value for section in config.to_dict().values() for one, value in section.items()}
            started[pool.submit(measure, place, settings, threads)] = name
        try:
            for done in as_completed(started):
                name, found = started[done], done.result()
                with open(path, "a") as file:
                    file.write(json.dumps({"key": name, **found}) + "\n")
                print(f"{name_of(missing[name])}: validation {COMPARED} {found['valid'][COMPARED]:.4f}, best epoch "
                      f"{found['best']} of {found['epochs']}, {found['seconds']:.0f} s", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # without waiting for runs that nobody would write
            raise


def name_of(config: Config) -> str:
    """Return what a run trains, in words."""
    items = f"{config.model.items}{'+ids' * config.model.with_ids}"
    return (f"{config.model.backbone}, {items}, {config.objective.method}, "
            f"seed {config.training.seed}")


def values(found: dict) -> dict[str, np.ndarray]:
    """Return every metric of every target of a run."""
    return per_user(unpacked(found["ranks"]))


def row(names: tuple[str, str, str], runs: dict[int, dict], base: dict[int, dict]) -> str:
    """Return a line of the table: means over seeds, and the difference from the base over the seeds that both have."""
    own = {seed: values(found) for seed, found in runs.items()}
    cells = [f"{np.mean([one[metric].mean() for one in own.values()]):.4f}" for metric in METRICS]
    both, against = sorted(runs.keys() & base.keys()), ""
    if both and names[-1] != "base":
        difference = np.mean([own[seed][COMPARED] - values(base[seed])[COMPARED] for seed in both], 0)
        low, high = bootstrap_interval(difference)
        against = f"{difference.mean():+.4f} ({low:+.4f} .. {high:+.4f})"
    best = ", ".join(f"{found['best']}/{found['epochs']}" for found in runs.values())
    speed = np.mean([found["cpu_seconds"] / found["epochs"] for found in runs.values()])
    peak = max(found["peak_gib"] for found in runs.values())
    return "| " + " | ".join([*names, str(len(runs)), *cells, against, best, f"{speed:.1f}", f"{peak:.2f}"]) + " |"


def table(cells: dict[tuple[str, str, str], dict[int, dict]]) -> list[str]:
    """Return the Markdown table of runs by (backbone, items, method) and seed; cells without a run are left out."""
    head = ["backbone", "items", "method", "seeds", *METRICS, f"{COMPARED} against base (95 % interval)",
            "best epoch", "CPU seconds an epoch", "peak GiB"]
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|",
            *(row(names, runs, cells.get((*names[:2], "base"), {})) for names, runs in cells.items() if runs)]


def listed(ctx, param, value: str) -> list[str]:
    """Return the words of an option."""
    return value.split(",")


@click.command()
@click.option("--dataset", default="beauty", show_default=True)
@click.option("--data-dir", default=None)
@click.option("--features", default=None, help="Make features from this, as data features --from does.")
@click.option("--results", default="backbones.jsonl", show_default=True, type=click.Path(path_type=Path))
@click.option("--backbones", default="sasrec,bert4rec", show_default=True, callback=listed)
@click.option("--items", default="id,unisrec,morec", show_default=True, callback=listed)
@click.option("--methods", default="base,erl,prl", show_default=True, callback=listed)
@click.option("--seeds", default=1, show_default=True, help="Seeds 0, 1, ... of every model.")
@click.option("--set", "given", default="", help='More settings of all models, such as "layers=1 dropout=0.2".')
@click.option("--steps", default=2, show_default=True)
@click.option("--width", default=64, show_default=True)
@click.option("--epochs", default=200, show_default=True)
@click.option("--patience", default=10, show_default=True)
@click.option("--jobs", default=1, show_default=True, help="Runs at a time.")
@click.option("--threads", default=1, show_default=True, help="Threads of each run.")
@click.option("--show", is_flag=True, help="Only draw the table of the runs that are there.")
def main(dataset, data_dir, features, results, backbones, items, methods, seeds, given, jobs, threads, show, **common):
    """Train what the results file lacks, and draw the table."""
    place = (dataset, data_dir, features)
    data = opened(*place)
    facts = {"data": data.sha256, "features": data.features and data.features.sha256}
    common |= {name: value for name, value in parse(f"base {given}").items() if name != "method"}
    configs = {names: [config_of(*names, {**common, "seed": seed}) for seed in range(seeds)]
               for names in ((backbone, item, method) for backbone in backbones for item in items
                             for method in methods)}
    found = read(results)
    if not show:
        wanted = {key(facts, of_seeds[seed]): of_seeds[seed] for seed in range(seeds) for of_seeds in configs.values()}
        missing = {name: config for name, config in wanted.items() if name not in found}
        train(place, missing, results, jobs, threads)
        found = read(results)
    cells = {names: {seed: found[name] for seed, name in enumerate(key(facts, config) for config in of_seeds)
                     if name in found} for names, of_seeds in configs.items()}
    print(f"{data.name}, sha256 {data.sha256}; features {data.features.origin if data.features else 'none'}\n")
    print("\n".join(table(cells)))


if __name__ == "__main__":
    main()
