"""Write the report: one HTML file that holds its style, its scripts, the figures and the models."""

import json
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from minirearec import __version__
from minirearec.analysis.findings import Findings
from minirearec.data.files.rows import EXACT
from minirearec.data.items import Items
from minirearec.evaluation.full_ranking import NULL_ORACLE, UPPER_LIMITS
from minirearec.events import EpochDone
from minirearec.export.in_page import model_in_page
from minirearec.runs.directory import Run
from minirearec.text import numbered, one_line
from minirearec_cli import text
from minirearec_cli.views.report.figures import HEIGHT, ROW, WIDTH, Chart, chart
from minirearec_cli.views.report.topics import topics_of, topics_of_comparison

SCRIPTS = ("model.js", "reading.js", "elements.js", "panels.js", "explorer.js")  # in this order
SELECTION = "NDCG@20"
PLACE = "page"
TEMPLATES = Environment(loader=PackageLoader("minirearec_cli.views.report", PLACE), autoescape=True, trim_blocks=True,
                        lstrip_blocks=True)
TEMPLATES.filters["figure"] = text.figure
TEMPLATES.filters["one_line"] = one_line


def report_page(runs: list[Run], items: Items, found: Findings | None = None, half: bool = False) -> str:
    """Return the page of runs that ``minirearec.export.in_page.check_together`` lets through.

    ``found``: None without the data set, and then nothing is analyzed and no user can be chosen. ``half``: see
    ``model_in_page``. Raises RunError for a run that has not finished.
    """
    results = [run.read_results() for run in runs]
    epochs = [run.read_metrics() if run.has("metrics.jsonl") else [] for run in runs]  # counting has no epochs
    names = unique_names(results)
    analyses = found.analyses if found else []
    for one, analysis in zip(results, analyses, strict=False):  # results of earlier versions lack the null oracle
        one["test"]["excluded"] |= {row: values for row, values in analysis.excluded.items() if row == NULL_ORACLE}
    return TEMPLATES.get_template("report.html").render(
        version=__version__, data=results[0]["data"], data_name=text.data_name(results[0]["data"]),
        runs=list(zip(names, results, epochs, strict=True)), upper_limits=UPPER_LIMITS, width=WIDTH, height=HEIGHT,
        row=ROW, null_oracle=any(NULL_ORACLE in one["test"]["excluded"] for one in results),
        charts=charts(names, results, epochs), style=content("report.css"),
        analyses=list(zip(names, map(topics_of, analyses), strict=bool(analyses))),
        compared=topics_of_comparison(found.comparison) if found and found.comparison else [],
        why=found.why if found else "", scripts=[content(name) for name in SCRIPTS],
        embedded=json_in_page(embedded(runs, names, items, found, half)))


def embedded(runs: list[Run], names: list[str], items: Items, found: Findings | None, half: bool) -> dict:
    """Return what the scripts of the page read."""
    nulls = found.null_ranks if found else [None] * len(runs)
    return {"models": [{"name": name, **model_in_page(run, half), "null": null}
                       for name, run, null in zip(names, runs, nulls, strict=True)],
            "ids": [one if isinstance(one, str) or one < EXACT else str(one) for one in items.ids.tolist()],
            "examples": found.examples if found else [],
            "titles": None if items.titles is None else [one_line(str(title)) for title in items.titles]}


def unique_names(results: list[dict]) -> list[str]:
    """Return a name for each run; runs of the same method, steps and seed are numbered."""
    return numbered([text.model_name(one) for one in results])


def charts(names: list[str], results: list[dict], epochs: list[list[EpochDone]]) -> list[Chart]:
    """Return the charts of training and of the metrics by step; those without values are left out."""
    def by_step(one: dict) -> list[float]:
        steps = range(one["settings"]["model"]["steps"] + 1)
        rows = one["test"]["excluded"]
        return [rows[f"step {step}"]["NDCG@10"] for step in steps if f"step {step}" in rows]

    found = [
        chart("Training loss", "epoch", {name: [one.loss for one in own] for name, own in
                                         zip(names, epochs, strict=True)}, 1),
        chart(f"Validation {SELECTION}", "epoch", {name: [one.metrics[SELECTION] for one in own] for name, own in
                                                   zip(names, epochs, strict=True)}, 1),
        chart("Test NDCG@10 by reasoning step", "step", {name: by_step(one) for name, one in
                                                         zip(names, results, strict=True)}, 0)]
    return [one for one in found if one is not None]


def content(name: str) -> Markup:
    """Return a file of the page as it is."""
    return Markup(files("minirearec_cli.views.report").joinpath(PLACE, name).read_text(encoding="utf-8"))


def json_in_page(value) -> Markup:
    """Return JSON that no HTML parser takes for the end of its element, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
