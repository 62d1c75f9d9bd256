"""minirearec evaluate: compute and show the tables of a run again, from its best weights."""

import json

import click

from minirearec_cli import options
from minirearec_cli.metrics import metrics_option
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command(cls=SectionCommand, examples=(
    "minirearec evaluate runs/erl3",
    "minirearec evaluate runs/erl3 --blend counts:pctm",
    "minirearec evaluate runs/seed0 --blend runs/seed1 --blend runs/seed2",
    "minirearec evaluate runs/erl3 --gate",
    "minirearec evaluate runs/erl3 --halt",
    "minirearec evaluate runs/erl3 --metrics hitrate@10,map@10,coverage,novelty@10",
    "minirearec evaluate runs/erl3 --part valid --json"))
@click.argument("run", type=Place())
@options.part_option()
@option("--blend", section="Data", type=Place(), multiple=True, metavar="RUN|counts[:NAME]",
        help="add a row for this run blended with another run, or with counts such as counts:pctm; the weights are "
             "fitted on validation; repeatable")
@option("--gate", section="Data", is_flag=True,
        help="add a row for a mixture of the steps' distributions. A softmax over signals of each step (entropy, "
             "agreement and others) weighs the steps of each history; it is fitted on validation")
@option("--halt", section="Data", is_flag=True,
        help="add a row for stopping early, and a table of every fixed depth and policy: thresholds and a learned "
             "head, fitted on validation, with mean depth, time and what they realise of the oracle's gain")
@options.data_dir_option()
@options.plugin_option("Machine")
@options.device_option()
@options.backend_option(None, "the backend of the run")
@metrics_option()
@options.json_option()
def command(run, part, blend, gate, halt, data_dir, device, backend, metrics, as_json):
    """Evaluate the best weights of a run. Nothing is written: results.json does not change.

    After a refit, --part test evaluates the model fitted on train and validation; --part valid evaluates the one fitted
    on train, which chose the number of epochs. A blend is a softmax over a weighted sum of the models' scores.
    Targets that training saw rarely, or never, have their own rows.

    With one relevant item for each target, the hit rate is recall and MAP is MRR. Coverage is the share of the
    catalogue that is in at least one list; novelty is the mean information of a listed item in bits; popularity is how
    often training saw a listed item, and popularity bias divides that by the popularity of the targets.
    """
    if bool(blend) + gate + halt > 1:
        raise click.UsageError("--blend, --gate and --halt exclude each other. Choose one.")
    from minirearec.analysis.depth import halting
    from minirearec.data.splits import fitted_split, make_split
    from minirearec.evaluation.full_ranking import evaluate
    from minirearec.evaluation.gate import FittedGate
    from minirearec.runs.blending import open_blend
    from minirearec.runs.directory import describe
    from minirearec.runs.opening import load_data, load_scorer, load_thinkers
    from minirearec_cli import console
    from minirearec_cli.opening import open_run
    from minirearec_cli.views import depth, downloads, result_tables

    opened = open_run(run, console.notices())
    thinkers = load_thinkers(opened, device, backend, part) if gate or halt else None
    scorer = None if blend or thinkers else load_scorer(opened, device, backend, part)
    with downloads.DownloadBar(console.notices()) as bar:
        data = load_data(opened, data_dir, progress=bar)
    split, found, gated = make_split(data), None, None
    fitted, results = fitted_split(split, opened.config, part), describe(opened.config, opened.data, part)
    if thinkers and halt:
        evaluation, found = halting(thinkers[0], split, part, thinkers[1], fitted, metrics)
        results["halt"] = found.to_dict()
    else:
        if thinkers:
            scorer = gated = FittedGate.fit(thinkers[0], split, thinkers[1])
        elif scorer is None:
            scorer = blended = open_blend(opened, blend, split, part, device, backend)
            results["blend"] = blended.to_dict()
        evaluation = evaluate(scorer, fitted, part, metrics=metrics)
    results[part] = evaluation.to_dict()
    if gated:
        results["gate"] = gated.to_dict(results[part]["excluded"])
    if as_json:
        click.echo(json.dumps(results, indent=2))
    else:
        result_tables.show_results(console.results(), results, part, metrics=metrics)
        if found:
            depth.show_depth(console.results(), found)
