"""Devices and precisions by name."""

import torch

from minirearec.backends import DEVICES
from minirearec.errors import ConfigError


def find_device(name: str) -> torch.device:
    """Return a device by name; ``auto`` is CUDA if available, else the CPU. Raises ConfigError if it is missing."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device("cuda" if there["cuda"] else "cpu")
    if name not in there:
        raise ConfigError(f"unknown device {name!r}", "--device", f"Choose one of: {', '.join(DEVICES)}.")
    if not there[name]:
        raise ConfigError(f"this machine has no {name} device that PyTorch can use", "--device", "Use --device cpu.")
    return torch.device(name)


def find_precision(name: str, device: torch.device) -> str:
    """Return "float32" or "bf16"; ``auto`` is bf16 where the processor has instructions that multiply it."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "float32"
    able = getattr(torch.cpu, "get_capabilities", dict)()  # older versions of PyTorch cannot tell
    fast = device.type == "cpu" and any(able.get(feature) for feature in ("avx512_bf16", "amx_bf16", "bf16"))
    return "bf16" if fast else "float32"
