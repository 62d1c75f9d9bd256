"""What happens between the steps: ``analyze`` measures a run."""

from minirearec.analysis.analyzing import analyze
from minirearec.analysis.result import Analysis

__all__ = ["Analysis", "analyze"]
