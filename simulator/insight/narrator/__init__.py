"""What happens while a network trains, in plain words, each sentence with its evidence.

`Evidence` is gathered (`gathering`), every row of `RULES` is asked, and `narrate` puts what they say in order. A rule
is a pure function of the whole history, so that its sentences are right whenever and from wherever they are asked for.
"""

from simulator.insight.narrator.evidence import Divergence, Evidence, Examined, Facts
from simulator.insight.narrator.gathering import examined, facts_of
from simulator.insight.narrator.sentence import Sentence
from simulator.insight.narrator.table import RULES, foremost, narrate

__all__ = [
    "RULES",
    "Divergence",
    "Evidence",
    "Examined",
    "Facts",
    "Sentence",
    "examined",
    "facts_of",
    "foremost",
    "narrate",
]
