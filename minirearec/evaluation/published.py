"""Published figures on Beauty.txt, for comparison with runs on exactly that file.

All are leave-one-out with full ranking of the test items, on the 5-core file. Most papers do not say whether the items
seen by the user were excluded from the candidates, although this alone changes NDCG@10 by up to a third. What the model
was fitted on changes it by a sixth.
"""

from dataclasses import dataclass

from minirearec.config import TRAIN, TRAIN_AND_VALIDATION

# % that K reasoning steps of PRL on SASRec add to K = 0, with the cache: a whole test set on a GPU; paper, table 5
REASONING_OVERHEAD = {1: 2.16, 2: 3.51, 3: 4.48, 4: 6.25, 5: 10.61}
BEAUTY_SHA256 = "226cce9c3105299ca0db9615d7d3fb32b3175e90da43100ae352599f0f0107b8"


@dataclass(frozen=True)
class ReferencePoint:
    """One model's figures: one value, the lowest and highest of several reruns, or none if not reported."""

    model: str
    recall_at_10: tuple[float, ...]
    ndcg_at_10: tuple[float, ...]
    source: str
    fitted_on: str = ""  # empty: not known
    excluded: bool = False  # whether seen items were; False: not known


PROBES = "spotify-research/sequential-capacity-probes"
BEAUTY = (
    ReferencePoint("popularity", (0.0114,), (0.0054,), "file in raw order", excluded=True),
    ReferencePoint("SASRec, binary cross-entropy", (0.0605,), (0.0318,), "as in S3-Rec, TIGER and most papers", TRAIN),
    ReferencePoint("ReaRec", (0.0704,), (0.0344,), "reported by OneRec-Think, arXiv 2510.11639"),
    ReferencePoint("SASRec, full cross-entropy", (0.0859, 0.0897), (0.0503, 0.0539), "public reruns, D = 64",
                   excluded=True),
    ReferencePoint("eSASRec", (0.0928,), (0.0523,), "arXiv 2508.06450", TRAIN),
    ReferencePoint("item-to-item counts", (0.0844,), (0.0528,), "measured on this file", TRAIN, True),
    ReferencePoint("BSARec", (0.1008,), (0.0611,), "authors' log on this file", TRAIN, True),
    ReferencePoint("rules (counts)", (), (0.0605,), PROBES, TRAIN_AND_VALIDATION, True),
    ReferencePoint("PCTM (counts)", (0.0998,), (0.0635,), PROBES, TRAIN_AND_VALIDATION, True),
)


def reference_points(sha256: str) -> tuple[ReferencePoint, ...]:
    """Return the figures published for the data file with this sha256; none for any other file."""
    return BEAUTY if sha256 == BEAUTY_SHA256 else ()
