"""What happens between the steps: ``analyze`` measures a run, ``compare`` tells runs apart, ``Sweep`` trains a grid."""

from minirearec.analysis.analyzing import analyze
from minirearec.analysis.comparing import Comparison, compare
from minirearec.analysis.grids import grid
from minirearec.analysis.result import Analysis
from minirearec.analysis.sweeping import Sweep

__all__ = ["Analysis", "Comparison", "Sweep", "analyze", "compare", "grid"]
