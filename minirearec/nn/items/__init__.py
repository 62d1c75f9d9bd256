"""Item encoders, one per file, found by name: each makes the table of item vectors [V, D]. See ``nn.registries``."""
