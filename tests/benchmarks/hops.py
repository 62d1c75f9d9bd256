"""When does thinking help? Accuracy on ``hops`` against reasoning steps K, and against encoder layers.

Run it on an idle machine:  python tests/benchmarks/hops.py --out hops
Writes hops.json, hops.md (the table) and hops.svg (the plot, which needs matplotlib). By default there are 8 settings
times 3 seeds; a run takes half a minute to a minute on one core. A tiny trial: --users 300 --epochs 1 --seeds 1.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from minirearec.data.made.hops import STATIONS

COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#a463f2")


def measure(settings: dict, seed: int, sizes: dict) -> dict:
    """Train one model; return the share of test rows, by number of hops, whose target has rank 1 among all items.

    The test users differ from those that train; each has a row for every station but the first.
    """
    import numpy as np
    import torch

    from minirearec.config import Config
    from minirearec.data import card
    from minirearec.data.made.hops import hops, hops_of_users
    from minirearec.training import EpochDone, Trainer

    torch.set_num_threads(1)
    data = hops(seed, users=sizes["users"], places=sizes["places"], longest=sizes["hops"])
    config = Config.for_data(card("hops"), epochs=sizes["epochs"], patience=sizes["epochs"], seed=seed, **settings)
    trainer = Trainer(config, data, device="cpu")
    seconds = sum(event.seconds for event in trainer.train() if isinstance(event, EpochDone))
    evaluation = trainer.evaluate("test")
    first = evaluation.kept[evaluation.answer].expected == 1
    number = hops_of_users(data, sizes["hops"])[trainer.split.test.user]
    accuracy = [float(first[number == hop].mean()) for hop in np.arange(sizes["hops"]) + 1]
    return {"seconds": seconds, "accuracy": accuracy}


def summary(rows: list[dict], hops: int) -> list[str]:
    """Return a Markdown table: mean and lowest to highest over seeds, for each number of hops."""
    lines = ["| model | " + " | ".join(f"{hop} hop{'s' * (hop > 1)}" for hop in range(1, hops + 1)) + " | seconds |",
             "|---" * (hops + 2) + "|"]
    for row in rows:
        cells = []
        for hop in range(hops):
            values = [run["accuracy"][hop] for run in row["runs"]]
            cells.append(f"{mean(values):.3f} ({min(values):.3f}-{max(values):.3f})")
        seconds = mean([run["seconds"] for run in row["runs"]])
        lines.append(f"| {row['name']} | " + " | ".join(cells) + f" | {seconds:.0f} |")
    return lines


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def plot(rows: list[dict], hops: int, chance: float, path: Path) -> None:
    """Draw two panels: accuracy against K (one layer), and against layers (no reasoning); a line for each hop."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "hops"}
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    for axes, (title, key) in zip(panels, (("reasoning steps K, 1 layer", "K"),
                                           ("encoder layers, no reasoning", "layers")), strict=True):
        shown = [row for row in rows if key in row]
        ticks = [row[key] for row in shown]
        for hop in range(hops):
            colour = COLOURS[hop % len(COLOURS)]
            values = [[run["accuracy"][hop] for run in row["runs"]] for row in shown]
            axes.plot(ticks, list(map(mean, values)), color=colour, label=f"{hop + 1} hop{'s' * (hop > 0)}")
            axes.plot(ticks, values, ".", color=colour, markersize=5)
        axes.axhline(chance, color="#999", linestyle="--", linewidth=1)
        axes.set(title=title, xticks=ticks, ylim=(0, 1.02))
        axes.grid(axis="y", color="#ddd")
    panels[1].legend(loc="lower right")
    figure.supxlabel("Share of test rows with the target on rank 1. Dots: seeds; lines: their mean;\n"
                     "dashes: a guess among the places not yet visited.", fontsize="medium")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


@click.command()
@click.option("--out", default="hops", show_default=True, help="Names of the files, without their endings.")
@click.option("--method", default="rpe", show_default=True,
              help="How models with K > 0 are trained: rpe, erl, prl or naive.")
@click.option("--steps", default="0,1,2,3,4", show_default=True)
@click.option("--layers", default="1,2,3,4", show_default=True)
@click.option("--seeds", default=3, show_default=True)
@click.option("--users", default=20000, show_default=True)
@click.option("--places", default=7, show_default=True)
@click.option("--hops", default=3, show_default=True)
@click.option("--epochs", default=25, show_default=True)
@click.option("--jobs", default=1, show_default=True, help="Runs at a time, each on one core.")
def main(out, method, steps, layers, seeds, jobs, **sizes):
    """Train every setting with every seed and write table and plot."""
    rows = []
    for count in map(int, steps.split(",")):
        settings = {"layers": 1, "steps": count, "method": method if count else "base"}
        rows.append({"name": f"1 layer, K = {count}" + f" ({method})" * bool(count), "K": count, "settings": settings})
    for count in map(int, layers.split(",")):
        if count > 1:
            rows.append({"name": f"{count} layers, K = 0", "layers": count,
                         "settings": {"layers": count, "steps": 0, "method": "base"}})
        elif rows[0]["K"] == 0:
            rows[0]["layers"] = 1  # one layer without reasoning is in both panels
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        started = [[pool.submit(measure, row["settings"], seed, sizes) for seed in range(seeds)] for row in rows]
        for row, runs in zip(rows, started, strict=True):
            row["runs"] = [run.result() for run in runs]
            print(summary([row], sizes["hops"])[-1], flush=True)
    lines = summary(rows, sizes["hops"])
    print("\n".join(lines))
    Path(f"{out}.json").write_text(json.dumps({"sizes": sizes, "rows": rows}, indent=2))
    Path(f"{out}.md").write_text("\n".join(lines) + "\n")
    guess = mean([1 / (sizes["places"] - visited) for visited in range(1, STATIONS)])
    plot(rows, sizes["hops"], guess, Path(f"{out}.svg"))


if __name__ == "__main__":
    main()
