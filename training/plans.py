"""What is trained when: mixtures and phases by share of the planned time."""
from dataclasses import dataclass, field

PROSE = {"books": 0.55, "expository": 0.35, "pages": 0.10}
SKILLS = {"lookup": 0.20, "retrieval": 0.16, "arithmetic": 0.20, "lists": 0.12, "structured": 0.10, "units": 0.08, "chat": 0.10, "stories": 0.04}
LONG_SKILLS = {**SKILLS, "haystack": 0.16}


@dataclass
class Mix:
    recall: float  # share of rows of pure recall
    echoes: float  # share of rows that repeat a piece of prose
    text: float  # share of rows of plain prose
    text_weight: float = 0.5  # how much the loss counts on prose
    skills: dict = field(default_factory=lambda: SKILLS)
    prose: dict = field(default_factory=lambda: PROSE)


@dataclass
class Phase:
    until: float  # share of the planned time
    context: int
    sparse: bool
    rounded: bool
    jumps: float  # share of the batches with position jumps
    mix: Mix
    window: int = 128  # below the model's own, tokens further away can only be read from compressed entries


FIRST_RECALL = Phase(0, 128, False, False, 0.0, Mix(1.0, 0.0, 0.0), window=16)  # the lowest level, on short rows
RECALL = Phase(0, 256, False, False, 0.0, Mix(1.0, 0.0, 0.0), window=24)  # until recall is learned, whatever the clock says (but see RECALL_MOST)
RECALL_MOST = 0.3
KEEP = {"chat": 0.40, "stories": 0.20, "lookup": 0.40}  # beside recall, so that what was known is not lost
GRAFT = Phase(0, 128, False, False, 0.0, Mix(0.8, 0.0, 0.05, skills=KEEP), window=16)
GRAFT_ON = Phase(0, 256, False, False, 0.0, Mix(0.7, 0.05, 0.05, skills=KEEP), window=24)
PLANS = {
    "recall": [Phase(1.01, 256, False, False, 0.0, Mix(1.0, 0.0, 0.0))],
    "skills": [Phase(0.60, 256, False, False, 0.0, Mix(0.15, 0.05, 0.15)),
               Phase(0.80, 512, True, False, 0.4, Mix(0.08, 0.04, 0.16, skills=LONG_SKILLS)),
               Phase(1.01, 512, True, True, 0.4, Mix(0.06, 0.02, 0.16, skills=LONG_SKILLS))],
}
