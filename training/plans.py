"""What is trained when: mixtures, phases by share of the planned time, and how the rates end."""
from dataclasses import dataclass, field

PROSE = {"books": 0.55, "expository": 0.35, "pages": 0.10}
ECHOED = {"books": 0.3, "structured": 0.3, "lists": 0.2, "retrieval": 0.2}
FINDING = {"lookup": 0.40, "retrieval": 0.24, "arithmetic": 0.10, "lists": 0.08, "structured": 0.10, "units": 0.03, "chat": 0.04, "stories": 0.01}
SKILLS = {"lookup": 0.18, "retrieval": 0.20, "arithmetic": 0.16, "lists": 0.16, "structured": 0.14, "units": 0.07, "chat": 0.06, "stories": 0.03}
LONG_SKILLS = {**SKILLS, "haystack": 0.10}
# Of workings and stories, much is certain or a matter of taste: counted in full they would drown the few tokens that only finding can tell.
COUNTED = {"arithmetic": 0.4, "units": 0.4, "stories": 0.2, "chat": 0.4}


@dataclass
class Mix:
    recall: float  # share of rows of pure recall
    echoes: float  # share of rows that repeat a piece of text
    text: float  # share of rows of plain prose
    text_weight: float = 0.3  # how much the loss counts on prose
    skills: dict = field(default_factory=lambda: SKILLS)  # shares of documents
    prose: dict = field(default_factory=lambda: PROSE)
    echoed: dict = field(default_factory=lambda: ECHOED)
    counted: dict = field(default_factory=lambda: COUNTED)  # how much the loss counts on answers, where not in full


@dataclass
class Phase:
    until: float  # share of the planned time
    context: int
    sparse: bool
    rounded: bool
    jumps: float  # share of the batches with position jumps
    mix: Mix
    windows: tuple = (128,)  # one for each piece; below the model's own, tokens further away can only be read from compressed entries


@dataclass
class Plan:
    phases: list
    falls: float = 0.75  # share of the planned time after which the rates fall to nothing; 1: they never do
    recall_first: bool = True  # not before the levels of recall are learned, or RECALL_MOST of the time is spent


FIRST_RECALL = Phase(0, 128, False, False, 0.0, Mix(1.0, 0.0, 0.0), windows=(16,))  # the lowest level, on short rows
RECALL = Phase(0, 256, False, False, 0.0, Mix(1.0, 0.0, 0.0), windows=(24,))  # until recall is learned, whatever the clock says (but see RECALL_MOST)
RECALL_MOST = 0.3
KEEP = {"chat": 0.40, "stories": 0.20, "lookup": 0.40}  # beside recall, so that what was known is not lost
GRAFT = Phase(0, 128, False, False, 0.0, Mix(0.8, 0.0, 0.05, skills=KEEP), windows=(16,))
GRAFT_ON = Phase(0, 256, False, False, 0.0, Mix(0.7, 0.05, 0.05, skills=KEEP), windows=(24,))

# Look-ups appear when most of the loss is about them, and stay with less.
FIND = Phase(0.30, 256, False, False, 0.0, Mix(0.20, 0.10, 0.08, skills=FINDING), windows=(16, 32, 64, 128))
MOSTLY_NARROW = (16, 32, 64, 128)  # finding by entries is not unlearned while some pieces have no other way
DENSE = Phase(0.60, 256, False, False, 0.0, Mix(0.20, 0.04, 0.15), windows=MOSTLY_NARROW)
SPARSE = Phase(0.80, 512, True, False, 0.4, Mix(0.08, 0.03, 0.18, skills=LONG_SKILLS), windows=(32, 128))
ROUNDED = Phase(1.01, 512, True, True, 0.4, Mix(0.06, 0.02, 0.20, skills=LONG_SKILLS))
PLANS = {
    "recall": Plan([Phase(1.01, 256, False, False, 0.0, Mix(1.0, 0.0, 0.0))]),
    "skills": Plan([DENSE, SPARSE, ROUNDED]),
    # The same in parts, for a run without an end: each goes on from the state that the one before has left, and the last branches off.
    "find": Plan([FIND], falls=1, recall_first=False),
    "dense": Plan([DENSE], falls=1, recall_first=False),
    "sparse": Plan([SPARSE], falls=1, recall_first=False),
    "decay": Plan([ROUNDED], falls=0, recall_first=False),
}
