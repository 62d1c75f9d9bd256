"""Backbones, one per file, found by name (see ``nn.registries``), and ``blocks``, the parts they share."""
