"""Backbones, one a file, found by name (see ``nn.registries``); ``blocks`` is what they are made of."""
