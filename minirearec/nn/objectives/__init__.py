"""The training objectives over reasoning states, in PyTorch. Twin: ``minirearec.reference.objectives``.

They all take states [P, K+1, D]: the reasoning states r_0..r_K of P positions (prefixes), whatever model made them.
Each file adds its objective to ``nn.registries.OBJECTIVES``, where the engine finds it by name.
"""

from minirearec.nn.objectives.common import cross_entropy, info_nce, scores, user_state
from minirearec.nn.objectives.erl import erl_loss
from minirearec.nn.objectives.last_step import last_step_loss
from minirearec.nn.objectives.prl import prl_loss, temperatures
from minirearec.nn.objectives.same_target import same_target_contrast
from minirearec.nn.objectives.teacher import teacher_loss

__all__ = ["cross_entropy", "erl_loss", "info_nce", "last_step_loss", "prl_loss", "same_target_contrast", "scores",
           "teacher_loss", "temperatures", "user_state"]
