"""Exporting a trained model to files that other programs serve, without miniReaRec."""
