"""Item encoders with gradients, one a file, found by name (see ``reference.registries``)."""
