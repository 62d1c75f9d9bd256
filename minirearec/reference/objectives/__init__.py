"""The training objectives over reasoning states, with gradients. Twin: ``minirearec.nn.objectives``.

They all take states [P, K+1, D]: the reasoning states r_0..r_K of P positions (prefixes), whatever model made them.
Each file adds its objective to ``reference.registries.OBJECTIVES``, where training finds it by name.
"""

from minirearec.reference.objectives.common import (
    cross_entropy,
    cross_entropy_backward,
    info_nce,
    info_nce_backward,
    info_nce_value_and_grad,
    scores,
    scores_backward,
    user_state,
    user_state_backward,
)
from minirearec.reference.objectives.erl import erl_loss, erl_loss_backward, erl_loss_value_and_grad
from minirearec.reference.objectives.last_step import (
    last_step_loss,
    last_step_loss_backward,
    last_step_loss_value_and_grad,
)
from minirearec.reference.objectives.prl import prl_loss, prl_loss_backward, prl_loss_value_and_grad, temperatures
from minirearec.reference.objectives.same_target import (
    same_target_contrast,
    same_target_contrast_backward,
    same_target_contrast_value_and_grad,
)
from minirearec.reference.objectives.teacher import teacher_loss, teacher_loss_backward, teacher_loss_value_and_grad

__all__ = ["cross_entropy", "cross_entropy_backward", "erl_loss", "erl_loss_backward", "erl_loss_value_and_grad",
           "info_nce", "info_nce_backward", "info_nce_value_and_grad", "last_step_loss", "last_step_loss_backward",
           "last_step_loss_value_and_grad", "prl_loss", "prl_loss_backward", "prl_loss_value_and_grad",
           "same_target_contrast", "same_target_contrast_backward", "same_target_contrast_value_and_grad", "scores",
           "scores_backward", "teacher_loss", "teacher_loss_backward", "teacher_loss_value_and_grad", "temperatures",
           "user_state", "user_state_backward"]
