"""Reasoners, one per file, found by name (see ``nn.registries``): how r_k follows from r_{k-1}."""
