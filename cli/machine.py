"""What there is to know of an installation: gathered as plain values, drawn as tables."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec.data import cards, data_folders
from minirearec.data.catalogue import loading as catalogue
from minirearec.errors import MiniReaRecError
from minirearec_cli.console import say
from minirearec_cli.text import size

PACKAGES = ("minirearec", "torch", "numpy", "safetensors", "click", "rich")


def facts(data_dir) -> dict:
    """Versions, devices, folders and data sets as one JSON object."""
    import torch

    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    devices = ["cpu"] + [f"cuda:{index} {torch.cuda.get_device_name(index)}" for index in
                         range(torch.cuda.device_count())] + ["mps"] * torch.backends.mps.is_available()
    folders = [str(folder) for folder in data_folders(data_dir)]
    return {"versions": versions, "platform": platform.platform(), "devices": devices,
            "threads": torch.get_num_threads(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "cache": folders[-1], "data_folders": folders,
            "datasets": {name: dataset(name, data_dir) for name in cards()}}


def dataset(name: str, data_dir) -> dict:
    """Whether a data set is here, and whether it is the right file: ``state``, ``path``, ``bytes``."""
    card = cards()[name]
    known = {"title": card.title, "users": card.users, "items": card.items, "interactions": card.interactions,
             "synthetic": card.synthetic, "path": None, "bytes": None}
    try:
        words, path = catalogue.state(name, data_dir)
        size_of = path.stat().st_size if path and path.is_file() else None
        return {**known, "state": words, "path": path and str(path), "bytes": size_of}
    except (MiniReaRecError, OSError) as error:
        return {**known, "state": str(error)}


def show(console: Console, facts: dict) -> None:
    """The facts for people."""
    versions = ", ".join(f"{name} {number or 'missing'}" for name, number in facts["versions"].items())
    grid = Table.grid(padding=(0, 2))
    for label, value in {
            "Versions": versions, "Platform": facts["platform"], "Devices": ", ".join(facts["devices"]),
            "Threads": f"{facts['threads']} of PyTorch, on {facts['cores']} cores", "Cache": facts["cache"],
            "Data folders": "\n".join(facts["data_folders"])}.items():
        grid.add_row(Text(label, "bold"), Text(value, overflow="fold"))
    console.print(grid)
    console.print()
    say(console, "Data sets", "bold")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1))
    table.add_column("name", no_wrap=True)
    for name in ("users", "items", "interactions"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for name, card in facts["datasets"].items():
        place = f": {card['path']}" if card["path"] else ""
        place += f" ({size(card['bytes'])})" if card["bytes"] else ""
        table.add_row(name, *(f"{card[key]:,}" for key in ("users", "items", "interactions")),
                      card["state"] + place, style="" if card["path"] or card["synthetic"] else "dim")
    console.print(table)
    say(console, "Data folders are searched in this order; a download goes to the first.", "dim")
