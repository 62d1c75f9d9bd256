"""The model in PyTorch. Twin: ``minirearec.reference``."""
