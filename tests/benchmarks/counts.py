"""Evaluate the count models with the settings that suit a data set, fitted on train, and on train and validation.

    python tests/benchmarks/counts.py --dataset beauty

The paper (spotify-research/sequential-capacity-probes at 705710f) fits on everything except the test items and reports
NDCG@10 of .0635 (PCTM) and .0605 (rules) on Beauty, .0368 and .0371 on Sports, .0738 and .0730 on Toys.
"""

import os
import time

import click

METRICS = ("Recall@10", "NDCG@10", "NDCG@20")


@click.command()
@click.option("--dataset", default="beauty", show_default=True)
@click.option("--data-dir", default=None)
def main(dataset, data_dir):
    """Show metrics of the test part, seen items excluded, and the seconds of counting and ranking."""
    from minirearec.config import Config
    from minirearec.count_models import COUNTS
    from minirearec.counts.scorer import CountScorer
    from minirearec.data import load, make_split
    from minirearec.data.splits import fitted_split
    from minirearec.evaluation.full_ranking import evaluate

    data = load(dataset, data_dir, require_real=True)
    print(f"{data.name}, sha256 {data.sha256}\n{os.cpu_count()} cores; test part, seen items excluded\n")
    print(f"{'counts':14}{'fitted on':22}{'Recall@10':>10}{'NDCG@10':>10}{'NDCG@20':>10}{'seconds':>9}")
    for counts in COUNTS:
        for refit in (False, True):
            config, began = Config.for_data(data, method="counts", counts=counts, refit=refit), time.perf_counter()
            split = fitted_split(make_split(data), config)
            found = evaluate(CountScorer.fit(split, config.counting), split).metrics()
            print(f"{counts:14}{config.fitted_on():22}", *(f"{found[name]:9.4f}" for name in METRICS),
                  f"{time.perf_counter() - began:8.1f}", flush=True)


if __name__ == "__main__":
    main()
