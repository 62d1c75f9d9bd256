"""minirearec export: turn a run into files that other programs serve."""

import json
import shlex
from pathlib import Path

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place

EXAMPLE = 3  # items in the history of the command that it shows
SERVE_ONNX = ('import numpy as np, onnxruntime as ort; print(ort.InferenceSession({path}).run(["scores"], '
              '{{"items": np.array([[0]]), "lengths": np.array([1])}})[0])')


@click.command(cls=SectionCommand, examples=(
    "minirearec export runs/erl3 --to numpy",
    "minirearec export runs/erl3 --to numpy -o served",
    "minirearec export runs/erl3 --to onnx -o erl3.onnx",
    "", "\b", "then, without miniReaRec:",
    "  python served/serve.py served/model.safetensors 12 7 9 -k 5"))
@click.argument("run", type=Place())
@option("--to", "kind", section="Output", required=True, type=click.Choice(("numpy", "onnx")), metavar="NAME",
        help="numpy: a folder with one safetensors file and one page of Python that serves it; "
             "onnx: one file for onnxruntime")
@option("-o", "--out", section="Output", type=Place(), metavar="PATH",
        help="a new folder (numpy) or file (onnx)  [default: RUN-numpy or RUN.onnx in this folder]")
@options.json_option()
@options.data_dir_option()
@options.plugin_option("Data")
def command(run, kind, out, as_json, data_dir):
    """Export a run to files that other programs serve, without miniReaRec.

    Both forms hold the weights, the settings and the ids and titles of the items. numpy needs NumPy and safetensors.
    onnx needs onnxruntime; the model reads and scores items by number, and "items" in its metadata lists their ids.
    """
    from minirearec.runs.opening import load_items
    from minirearec_cli import console
    from minirearec_cli.opening import open_run

    opened = open_run(run, console.notices())
    if kind == "numpy":
        from minirearec.export.as_numpy import MODEL, PAGE, export_numpy

        path = export_numpy(opened, f"{name_of(run)}-numpy" if out is None else out, data_dir)
        made = [path / MODEL, path / PAGE]
    else:
        from minirearec.export.as_onnx import export_onnx

        made = [export_onnx(opened, f"{name_of(run)}.onnx" if out is None else out, data_dir)]
    sizes = {str(file): file.stat().st_size for file in made}
    serve = serving_command(made, load_items(opened, data_dir).ids)
    if as_json:
        click.echo(json.dumps({"run": str(run), "to": kind, "files": sizes, "serve": serve}, indent=2))
    else:
        show(opened, sizes, serve)


def name_of(run: str) -> str:
    """Return the name of a run's folder."""
    return Path(run).resolve().name


def serving_command(made: list[Path], ids) -> str:
    """Return a command that recommends with the files."""
    if len(made) == 1:
        return shlex.join(["python", "-c", SERVE_ONNX.format(path=json.dumps(str(made[0])))])
    model, page = made
    return shlex.join(["python", str(page), str(model), *map(str, ids[:EXAMPLE].tolist())])


def show(run, sizes: dict[str, int], serve: str) -> None:
    """Say what was written, and how to use it."""
    from minirearec.runs.directory import describe
    from minirearec_cli import console, text

    out = console.results()
    console.say(out, f"Exported {text.model_name(describe(run.config, run.data))}, "
                     f"trained on {text.data_name(vars(run.data))}:")
    for file, size in sizes.items():
        console.say(out, f"  {file}  {text.size(size)}")
    console.say(out, f"Next: {serve}")
