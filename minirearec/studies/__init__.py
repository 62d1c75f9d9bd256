"""Studies: settings that answer a question together, each trained with several seeds and compared with its base."""

from minirearec.studies.conducting import Conducting
from minirearec.studies.plan import Row, Study, read_study
from minirearec.studies.presets import PRESETS
from minirearec.studies.views import result

__all__ = ["PRESETS", "Conducting", "Row", "Study", "read_study", "result"]
