"""What an installation has: versions, devices, folders and data sets, as plain values and as tables."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from minirearec.data import Card, cards, data_folders
from minirearec_cli.console import labelled, say
from minirearec_cli.views import datasets

PACKAGES = ("minirearec", "torch", "numpy", "safetensors", "click", "rich")


def facts(data_dir) -> dict:
    """Return versions, devices, folders and data sets as one JSON object."""
    import torch

    versions: dict[str, str | None] = {"python": platform.python_version()}
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
            "datasets": {name: dataset(card, data_dir) for name, card in cards().items()}}


def dataset(card: Card, data_dir) -> dict:
    """Return whether a data set is here, and whether it is the right file: ``state``, ``path``, ``bytes``."""
    words, path = datasets.place(card, data_dir)
    return {"title": card.title, "users": card.users, "items": card.items, "interactions": card.interactions,
            "synthetic": card.synthetic, "path": path and str(path),
            "bytes": path.stat().st_size if path and path.is_file() else None, "state": words}


def show(console: Console, facts: dict) -> None:
    """Show the facts as tables."""
    versions = ", ".join(f"{name} {number or 'missing'}" for name, number in facts["versions"].items())
    console.print(labelled({
        "Versions": versions, "Platform": facts["platform"], "Devices": ", ".join(facts["devices"]),
        "Threads": f"PyTorch uses {facts['threads']}, of {facts['cores']} cores", "Cache": facts["cache"],
        "Data folders": "\n".join(facts["data_folders"])}))
    console.print()
    say(console, "Data sets", "bold")
    console.print(datasets.catalogue_table(facts["datasets"], places=True))
    say(console, "Data folders are searched in this order; downloads go to the first.", "dim")
