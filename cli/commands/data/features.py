"""minirearec data features."""

import json

import click

from minirearec_cli import options
from minirearec_cli.commands.data import TEXTS
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole

SOURCES = ("all", "titles", "attributes", "paper")  # as in data.features.item_text, which imports NumPy


@click.command("features", cls=SectionCommand, examples=(
    "minirearec data features ml-100k",
    "minirearec data features beauty --from Beauty_item2attributes.json --width 64",
    "minirearec data features ratings --texts title,brand --replace",
    "minirearec data features ratings --from paper --encoder wordllama",
    "minirearec data features ratings --from vectors.npy",
    "minirearec train --dataset ml-100k --items unisrec"))
@click.argument("dataset", metavar="NAME|PATH", type=Place())
@option("--from", "source", section="Features", type=Place(), default="all", metavar="NAME|FILE",
        help="titles; attributes: brand, year, categories and the like, each as a whole; all: both, and descriptions; "
             "paper: every column, in lines '- key:value' as in the ReaRec paper; a .json file {item id: [attribute, "
             "...]}; or a .npy file, a row for each item in the order of the ids, taken as it is  [default: all]")
@option("--texts", section="Features", default="", metavar="NAME,NAME,...",
        help=f"columns in place of those of --from: {', '.join(TEXTS)}")
@option("--encoder", section="Features", default="", metavar="NAME",
        help="a sentence encoder in place of TF-IDF: wordllama, whose package holds its weights  [default: none]")
@option("--width", section="Features", type=Whole(min=1), metavar="F",
        help="number of directions to keep  [default: 128; with --encoder: all]")
@option("--sublinear", section="Features", is_flag=True, help="a word that occurs n times counts 1 + ln(n)")
@option("--seed", section="Features", type=Whole(min=0), default=0, metavar="INT",
        help="seed of the randomised SVD  [default: 0]")
@options.data_dir_option()
@option("--out", section="Output", type=Place(file_okay=False), metavar="DIR",
        help="the folder for NAME.features  [default: beside your own data, else the first data folder that can be "
             "written]")
@option("--replace", section="Output", is_flag=True, help="replace existing features")
@options.json_option()
def command(dataset, data_dir, out, replace, as_json, texts, **given):
    """Make vectors of items from titles, attributes or a file.

    They are kept beside the data set, where train finds them. Single words, pairs of words and attributes are
    weighted by TF-IDF and reduced by a randomised SVD, without a download.

    A run keeps a copy of the features that it was trained with, so replacing them changes no run. 'train --from RUN'
    refuses data whose features differ from the run's.
    """
    from minirearec.data.features import Making, choose_place, make_features, save_features
    from minirearec.data.statistics import feature_facts
    from minirearec_cli import console
    from minirearec_cli.views import datasets, downloads, waiting

    making = Making(texts=tuple(name.strip() for name in texts.split(",")) if texts else (), **given)
    data = downloads.load(dataset, data_dir)
    folder = choose_place(data, data_dir, out, replace)
    with waiting.line(console.notices(), "reading texts") as on_step:
        features = make_features(data, making, on_step)
    save_features(features, data, folder, making.settings(), replace)
    if as_json:
        click.echo(json.dumps({"path": str(folder), "data": data.name, "items": data.n_items,
                               "settings": making.settings(), **feature_facts(features)}, indent=2))
    else:
        console.say(console.notices(), f"{data.name}: {datasets.features_line(feature_facts(features), data.n_items)}")
        console.say(console.results(), str(folder))
