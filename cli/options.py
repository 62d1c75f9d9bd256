"""Build the options, one for every field of the configuration, and show the help in sections."""

from dataclasses import MISSING, fields

import click

from minirearec.backends import BACKENDS, DEVICES, MOST_THREADS
from minirearec.config import ModelConfig, ObjectiveConfig, TrainingConfig
from minirearec.count_models import COUNTS, CountsConfig
from minirearec.methods import METHODS
from minirearec.parts import ITEM_ENCODERS
from minirearec_cli.param_types import Decimal, Named, Place, Whole

SECTIONS = {"Model": ModelConfig, "Objective": ObjectiveConfig, "Training": TrainingConfig, "Counts": CountsConfig}
HELP_WIDTH = 100


def complete_data(ctx, param, incomplete):
    """Return the names of data sets that begin so, for a shell."""
    from minirearec_cli.completing import candidates

    return candidates("dataset", incomplete)


class SectionOption(click.Option):
    """An option that knows the section of the help it belongs to."""

    def __init__(self, *args, section: str = "General", **kwargs):
        super().__init__(*args, **kwargs)
        self.section = section


class SectionCommand(click.Command):
    """Show examples and lists first in the help, then the options in sections.

    ``lists`` adds sections that explain the choices of an option: ``{title: registry}``.
    """

    def __init__(self, *args, examples=(), lists=None, **kwargs):
        super().__init__(*args, **{"context_settings": {"max_content_width": HELP_WIDTH}, **kwargs})
        self.examples, self.lists = examples, lists or {}

    def format_options(self, ctx, formatter):
        with formatter.section("Examples"):
            formatter.write_text("\b\n" + "\n".join(self.examples))
        for title, registry in self.lists.items():
            with formatter.section(title):
                formatter.write_dl([(choice.name, choice.help) for choice in registry.values()])
        sections: dict[str, list] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and record[1]:  # arguments have no words beside their names in the first line
                sections.setdefault(getattr(param, "section", "General"), []).append(record)
        general = sections.pop("General", [])
        for title, records in [*sections.items(), ("General", general)]:
            with formatter.section(title):
                formatter.write_dl(records)


class ExampleGroup(click.Group):
    """Show examples first in the help, then the commands in the order of their definition."""

    def __init__(self, *args, examples=(), **kwargs):
        super().__init__(*args, **{"context_settings": {"max_content_width": HELP_WIDTH}, **kwargs})
        self.examples = examples

    def list_commands(self, ctx):
        return list(self.commands)

    def format_options(self, ctx, formatter):
        if self.examples:
            with formatter.section("Examples"):
                formatter.write_text("\b\n" + "\n".join(self.examples))
        super().format_options(ctx, formatter)


def option(*names, section: str, **kwargs):
    """Return a ``click.option`` that the help shows in ``section``."""
    return click.option(*names, cls=SectionOption, section=section, **kwargs)


def setting_options(function):
    """Add an option for every field of the configuration. An omitted option is None: the method's default applies."""
    for section, config in reversed(SECTIONS.items()):
        for item in reversed(fields(config)):
            if not item.metadata["hidden"]:
                function = setting_option(item, section)(function)
    return function


def setting_option(item, section: str):
    """Return the option for one field, with its type, help, symbol and default."""
    flag = "--" + item.name.replace("_", "-")
    choices = item.metadata["choices"]
    kind = Named(choices) if choices else {int: Whole(max=None), float: Decimal()}.get(item.type, item.type)
    metavar = "NAME" if choices or item.type is str else {int: "INT", float: "NUMBER"}.get(item.type)
    if item.type is bool:
        flag, kind, metavar = f"{flag}/--no-{flag[2:]}", bool, None
    return option(flag, item.name, section=section, type=kind, default=None, metavar=metavar,
                  help=f"{item.metadata['help']}  [{describe_default(item)}]")


def describe_default(item) -> str:
    """Return ``symbol: K; default: 2; base, counts: 0``: symbol, default, and the choices with another default."""
    assert item.default is not MISSING
    parts = [f"symbol: {item.metadata['symbol']}"] if item.metadata["symbol"] else []
    parts.append(f"default: {item.default}")
    others: dict = {}
    for one in (*METHODS.values(), *ITEM_ENCODERS.values(), *COUNTS.values()):
        value = one.defaults.get(item.name, item.default)
        if value != item.default:
            others.setdefault(value, []).append(one.name)
    return "; ".join(parts + [f"{', '.join(names)}: {value}" for value, names in others.items()])


def plugin_option(section: str):
    """Return the option for files that register choices. They are loaded before other options are read."""
    def load(ctx, param, paths):
        if paths:
            from minirearec.plugins import load_plugin

            for path in paths:
                load_plugin(path)
        return paths

    return option("--plugin", "plugins", section=section, type=Place(), multiple=True, is_eager=True,
                  callback=load, expose_value=False, metavar="FILE.py",
                  help="a Python file that registers your own method, backbone, item encoder, reasoner, metric or "
                       "listener; repeatable. It runs with all your permissions: use only files you trust")


def dataset_option(help="a data set of 'minirearec data list', an imported folder, or a text file: user item item ..."):
    return option("--dataset", section="Data", default="beauty", type=Place(), metavar="NAME|FILE",
                  help=f"{help}  [default: beauty]")


def data_dir_option(section: str = "Data"):
    return option("--data-dir", section=section, type=Place(file_okay=False), metavar="DIR",
                  help="folder to search first for data files, before MINIREAREC_DATA and your cache; "
                       "downloads go to the first of these")


def device_option(section: str = "Machine"):
    return option("--device", section=section, type=click.Choice(DEVICES), default="auto", metavar="NAME",
                  help=f"device for PyTorch: {', '.join(DEVICES)}  [default: auto, a CUDA device if there is one]")


def threads_option(help: str):
    return option("--threads", section="Machine", type=Whole(min=1, max=MOST_THREADS), metavar="INT", help=help)


def part_option(selected: str = "epoch"):
    return option("--part", section="Data", type=click.Choice(("test", "valid")), default="test", metavar="NAME",
                  help=f"test, or valid: the part that selected the best {selected}  [default: test]")


def csv_option():
    return option("--csv", "as_csv", section="Output", is_flag=True, help="print one table as CSV instead of tables")


def json_option():
    return option("--json", "as_json", section="Output", is_flag=True, help="print JSON instead of tables")


def backend_option(default: str | None, note: str, section: str = "Machine"):
    return option("--backend", section=section, type=click.Choice(BACKENDS), default=default, metavar="NAME",
                  help=f"torch, or numpy: the same model in plain NumPy, without PyTorch  [default: {note}]")
