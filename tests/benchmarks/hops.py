"""When does thinking help? Accuracy on ``hops`` against reasoning steps K, and against encoder layers.

Run it on an idle machine:  python tests/benchmarks/hops.py --out hops
Writes hops.json, hops.md (the table) and hops.svg (the plot). By default there are 8 settings times 3 seeds; a run takes
from half a minute to a minute on one core. A tiny trial of everything: --users 300 --epochs 1 --seeds 1.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from minirearec.data.made.hops import STATIONS

COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#a463f2")


def measure(settings: dict, seed: int, sizes: dict) -> dict:
    """Train one model; the share of test rows, by number of hops, whose target has rank 1 among all items.

    The test users are others than those that train; each has a row for every station but the first.
    """
    import numpy as np
    import torch

    from minirearec.config import Config
    from minirearec.data import card
    from minirearec.data.made.hops import hops, hops_of_users
    from minirearec.training import EpochDone, Trainer

    torch.set_num_threads(1)
    data = hops(seed, users=sizes["users"], places=sizes["places"], longest=sizes["hops"])
    trainer = Trainer(Config.make(**{**card("hops").training, "epochs": sizes["epochs"], "patience": sizes["epochs"],
                                     "seed": seed, **settings}), data, device="cpu")
    seconds = sum(event.seconds for event in trainer.train() if isinstance(event, EpochDone))
    evaluation = trainer.evaluate("test")
    first = evaluation.kept[evaluation.answer].expected == 1
    number = hops_of_users(data, sizes["hops"])[trainer.split.test.user]
    return {"seconds": seconds, "accuracy": [float(first[number == hop].mean()) for hop in np.arange(sizes["hops"]) + 1]}


def summary(rows: list[dict], hops: int) -> list[str]:
    """A Markdown table: mean and lowest to highest over seeds, for each number of hops."""
    lines = ["| model | " + " | ".join(f"{hop} hop{'s' * (hop > 1)}" for hop in range(1, hops + 1)) + " | seconds |",
             "|---" * (hops + 2) + "|"]
    for row in rows:
        cells = []
        for hop in range(hops):
            values = [run["accuracy"][hop] for run in row["runs"]]
            cells.append(f"{mean(values):.3f} ({min(values):.3f}-{max(values):.3f})")
        lines.append(f"| {row['name']} | " + " | ".join(cells) + f" | {mean([run['seconds'] for run in row['runs']]):.0f} |")
    return lines


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def plot(rows: list[dict], hops: int, chance: float) -> str:
    """Two panels as SVG: accuracy against K (one layer), and against layers (no reasoning); a line for each hop."""
    panels = [("reasoning steps K, 1 layer", "K"), ("encoder layers, no reasoning", "layers")]
    width, height, left, top = 300, 220, 50, 40
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * (width + left) + 90}" height="{height + 110}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for panel, (title, key) in enumerate(panels):
        origin = left + panel * (width + left)
        shown = [row for row in rows if key in row]
        ticks = [row[key] for row in shown]
        if not ticks:
            continue
        low, high = min(ticks), max(ticks)

        def at(tick, accuracy, origin=origin, low=low, high=high):
            return (origin + 15 + (tick - low) * (width - 30) / max(1, high - low), top + height * (1 - accuracy))

        parts.append(f'<text x="{origin + width / 2}" y="{top - 14}" text-anchor="middle">{title}</text>')
        for share in (0, 0.25, 0.5, 0.75, 1):
            _, y = at(low, share)
            parts.append(f'<line x1="{origin}" x2="{origin + width}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                         f'<text x="{origin - 6}" y="{y + 4}" text-anchor="end">{share:g}</text>')
        _, y = at(low, chance)
        parts.append(f'<line x1="{origin}" x2="{origin + width}" y1="{y}" y2="{y}" stroke="#999" stroke-dasharray="4 3"/>')
        for tick in ticks:
            x, y = at(tick, 0)
            parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{tick}</text>')
        for hop in range(hops):
            colour = COLOURS[hop % len(COLOURS)]
            points = [at(tick, mean([run["accuracy"][hop] for run in row["runs"]])) for tick, row in zip(ticks, shown)]
            parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                         + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) + '"/>')
            parts += [f'<circle cx="{at(tick, run["accuracy"][hop])[0]:.1f}" cy="{at(tick, run["accuracy"][hop])[1]:.1f}" '
                      f'r="2.5" fill="{colour}"/>' for tick, row in zip(ticks, shown) for run in row["runs"]]
            y = top + 20 + 18 * hop
            parts.append(f'<text x="{2 * (width + left) + 5}" y="{y}" fill="{colour}">{hop + 1} hop{"s" * (hop > 0)}</text>')
    for line, words in enumerate(("Share of test rows with the target on rank 1. Dots: seeds; lines: their mean;",
                                  "dashes: a guess among the places not yet visited.")):
        parts.append(f'<text x="{left}" y="{top + height + 40 + 16 * line}">{words}</text>')
    parts.append("</svg>")
    return "\n".join(parts)


@click.command()
@click.option("--out", default="hops", show_default=True, help="Names of the files, without their endings.")
@click.option("--method", default="rpe", show_default=True, help="How models with K > 0 are trained: rpe, erl, prl or naive.")
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
            rows[0]["layers"] = 1  # one layer without reasoning stands in both panels
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        started = [[pool.submit(measure, row["settings"], seed, sizes) for seed in range(seeds)] for row in rows]
        for row, runs in zip(rows, started):
            row["runs"] = [run.result() for run in runs]
            print(summary([row], sizes["hops"])[-1], flush=True)
    lines = summary(rows, sizes["hops"])
    print("\n".join(lines))
    Path(f"{out}.json").write_text(json.dumps({"sizes": sizes, "rows": rows}, indent=2))
    Path(f"{out}.md").write_text("\n".join(lines) + "\n")
    guess = mean([1 / (sizes["places"] - visited) for visited in range(1, STATIONS)])
    Path(f"{out}.svg").write_text(plot(rows, sizes["hops"], guess))


if __name__ == "__main__":
    main()
