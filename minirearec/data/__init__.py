"""Find, read, split and generate data sets, with NumPy only.

Only ``fetch`` and ``load`` use the network, and they import what they need for it.
"""

from minirearec.data.catalogue.cards import Card, card, cards
from minirearec.data.catalogue.folders import cache_folder, data_folders, find
from minirearec.data.catalogue.loading import fetch, load
from minirearec.data.files.text import read_sequences
from minirearec.data.made.beauty_sim import beauty_sim
from minirearec.data.sequences import SequenceData
from minirearec.data.splits import Split, by_time, last_n, leave_one_out, make_split

__all__ = ["Card", "SequenceData", "Split", "beauty_sim", "by_time", "cache_folder", "card", "cards", "data_folders",
           "fetch", "find", "last_n", "leave_one_out", "load", "make_split", "read_sequences"]
