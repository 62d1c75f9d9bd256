"""What happens between the steps: ``analyze`` measures a run, ``compare`` tells runs apart."""

from minirearec.analysis.analyzing import analyze
from minirearec.analysis.comparing import Comparison, compare
from minirearec.analysis.result import Analysis

__all__ = ["Analysis", "Comparison", "analyze", "compare"]
