"""Blend a run with counts or other runs: with weights fitted on validation, and beside them with a grid of fixed ones.

    python tests/benchmarks/blend.py RUN --blend counts:pctm

The grid has the weight 1 for the run and the same weight for each other part; its best row on validation says how much
the maximum of the likelihood loses against a direct search for the best NDCG@20.
"""

import time

import click
import numpy as np

GRID = (1, 2, 4, 8)


@click.command()
@click.argument("run")
@click.option("--blend", multiple=True, default=("counts:pctm",), show_default=True)
@click.option("--data-dir", default=None)
def main(run, blend, data_dir):
    """Show NDCG@20 of validation, Recall@10 and NDCG@10 of test, seen items excluded, and intervals of the gain."""
    from minirearec.data.splits import fitted_split, make_split
    from minirearec.evaluation.blend import Blend
    from minirearec.evaluation.full_ranking import evaluate
    from minirearec.evaluation.metrics import bootstrap_interval, per_user
    from minirearec.runs.blending import open_blend
    from minirearec.runs.directory import Run
    from minirearec.runs.opening import load_data

    opened = Run.open(run)
    data, began = load_data(opened, data_dir), time.perf_counter()
    split = make_split(data)
    fitted = {part: open_blend(opened, blend, split, part) for part in ("valid", "test")}
    print(f"{data.name}, sha256 {data.sha256}; fitted on {opened.config.fitted_on()}; opened and fitted twice in "
          f"{time.perf_counter() - began:.0f} s\n{'':40}{'validation NDCG@20':>20}{'Recall@10':>12}{'NDCG@10':>10}")

    def show(name, weights, row):
        found = {part: evaluate(Blend(one.parts, np.array(weights)), fitted_split(split, opened.config, part), part)
                 for part, one in fitted.items()}
        valid, test = (found[part].metrics(row(found[part])) for part in ("valid", "test"))
        print(f"{name:40}{valid['NDCG@20']:20.4f}{test['Recall@10']:12.4f}{test['NDCG@10']:10.4f}", flush=True)
        return per_user(found["test"].excluded[row(found["test"])])

    weights = fitted["test"].weights
    own = show("this run", weights, lambda evaluation: evaluation.answer)
    for name in list(fitted["test"].parts)[1:]:
        show(name, weights, lambda evaluation, name=name: name)
    for weight in GRID:
        show(f"1 and {weight}", [1, *[weight] * len(blend)], lambda evaluation: Blend.blend.name)
    words = " and ".join(f"{weight:.3f}" for weight in weights)
    best = show(f"fitted: {words}", weights, lambda evaluation: Blend.blend.name)
    for metric in ("Recall@10", "NDCG@10"):
        gain = best[metric] - own[metric]
        low, high = bootstrap_interval(gain)
        print(f"fitted against this run, {metric}: {gain.mean():+.4f}, 95 % interval {low:+.4f} .. {high:+.4f}")


if __name__ == "__main__":
    main()
