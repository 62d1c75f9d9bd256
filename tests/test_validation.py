"""Validation ranks the targets of the validation part, or some of them."""


from minirearec.config import Config
from minirearec.evaluation.full_ranking import evaluate
from minirearec.training import Trainer
from minirearec.validation import validate
from tests.small import SMALL


def test_validation_is_the_evaluation_of_the_answer(data):
    trainer = Trainer(Config.make(method="erl", steps=1, **SMALL), data)
    expected = evaluate(trainer.scorer, trainer.split, "valid").metrics()
    assert validate(trainer.scorer, trainer.split, 0) == expected != validate(trainer.scorer, trainer.split, 20)
