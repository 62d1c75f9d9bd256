"""Item encoders, one a file, found by name: each gives the table of item vectors [V, D]. See ``nn.registries``."""
