"""Backbones with gradients, one per file, found by name (see ``reference.registries``)."""
