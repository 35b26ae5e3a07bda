"""What is trained when: mixtures, phases by share of the planned time, and how the rates end."""
from dataclasses import dataclass, field

import recall

PROSE = {"books": 0.55, "expository": 0.35, "pages": 0.10}
ECHOED = {"books": 0.3, "structured": 0.3, "lists": 0.2, "retrieval": 0.2}
FINDING = {"drill": 0.10, "lookup": 0.26, "retrieval": 0.24, "arithmetic": 0.15, "lists": 0.07, "structured": 0.10, "units": 0.03, "chat": 0.04, "stories": 0.01}
SKILLS = {"drill": 0.03, "lookup": 0.11, "retrieval": 0.17, "arithmetic": 0.24, "lists": 0.15, "structured": 0.14, "units": 0.07, "chat": 0.07, "stories": 0.02}
LONG_SKILLS = {**SKILLS, "haystack": 0.10}
FAR_SKILLS = {**{name: 0.8 * share for name, share in SKILLS.items()}, "haystack": 0.08, "far": 0.12}
SHOWN = {"drill": 0.03, "lookup": 0.11, "retrieval": 0.16, "arithmetic": 0.20, "lists": 0.20, "structured": 0.16, "units": 0.08, "chat": 0.05, "stories": 0.01}
FAR_SHOWN = {**{name: 0.8 * share for name, share in SHOWN.items()}, "haystack": 0.08, "far": 0.12}
MORE_LEARNED = {"books": 0.42, "expository": 0.53, "pages": 0.05}
# Of workings and stories, much is certain or a matter of taste: counted in full they would drown the few tokens that only finding can tell.
COUNTED = {"arithmetic": 0.8, "units": 0.6, "stories": 0.2, "chat": 0.4}


@dataclass
class Mix:
    recall: float  # share of rows of pure recall
    echoes: float  # share of rows that repeat a piece of text
    text: float  # share of rows of plain prose
    copies: float = 0.0  # share of rows that repeat tokens of the whole vocabulary
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


RECALL_MOST = 0.3  # share of the time after which the mixture begins, whether recall is learned or not
PURE = Mix(1.0, 0.0, 0.0)
KEEP = {"chat": 0.40, "stories": 0.20, "lookup": 0.40}
KEEPING = Mix(0.8, 0.0, 0.05, skills=KEEP)  # beside recall, for a checkpoint that knows something already


def recall_phase(level, mix):
    """Short rows and a narrow window for the lowest level; then windows so narrow that what was found at a key can hardly be missed when it
    must be carried to where the answer begins, a few tokens on; longer rows for pairs."""
    windows = (16,) if level == 0 else (4, 8, 16) if level < recall.FACTS else (8, 24)
    return Phase(0, 128 if level < recall.FACTS else 256, False, False, 0.0, mix, windows=windows)


# Look-ups appear when most of the loss is about them, and stay with less.
FIND = Phase(0.30, 256, False, False, 0.0, Mix(0.12, 0.06, 0.10, skills=FINDING), windows=(8, 16, 32, 128))
MOSTLY_NARROW = (16, 32, 64, 128)  # finding by entries is not unlearned while some pieces have no other way
DENSE = Phase(0.60, 256, False, False, 0.0, Mix(0.06, 0.10, 0.12), windows=MOSTLY_NARROW)
SPARSE = Phase(0.80, 512, True, False, 0.4, Mix(0.05, 0.08, 0.14, skills=LONG_SKILLS), windows=(24, 64, 128))
LAST = Mix(0.02, 0.04, 0.28, text_weight=0.4, skills=LONG_SKILLS)
FALLING = Phase(0.70, 512, True, False, 0.4, LAST)
ROUNDED = Phase(1.01, 512, True, True, 0.4, LAST)
PLANS = {
    "recall": Plan([Phase(1.01, 256, False, False, 0.0, Mix(1.0, 0.0, 0.0))]),
    "skills": Plan([FIND, DENSE, SPARSE, ROUNDED]),
    # The same in parts, for a run without an end: each goes on from the state that the one before has left, and the last branches off.
    "find": Plan([FIND], falls=1, recall_first=False),
    "dense": Plan([DENSE], falls=1, recall_first=False),
    "sparse": Plan([SPARSE], falls=1, recall_first=False),
    "decay": Plan([FALLING, ROUNDED], falls=0, recall_first=False),
    # Onwards from an exported checkpoint that finds already: all of it in one run, with more prose.
    "onwards": Plan([Phase(0.45, 256, False, False, 0.0, Mix(0.04, 0.05, 0.24, text_weight=0.5, prose=MORE_LEARNED), windows=MOSTLY_NARROW),
                     Phase(0.62, 512, True, False, 0.4, Mix(0.03, 0.04, 0.26, text_weight=0.5, prose=MORE_LEARNED, skills=LONG_SKILLS), windows=(32, 64, 128)),
                     Phase(0.82, 1024, True, False, 0.5, Mix(0.02, 0.03, 0.30, text_weight=0.5, prose=MORE_LEARNED, skills=FAR_SKILLS)),
                     Phase(1.01, 1024, True, True, 0.5, Mix(0.02, 0.03, 0.30, text_weight=0.5, prose=MORE_LEARNED, skills=FAR_SKILLS))],
                    falls=0.55, recall_first=False),
    # For one that copies what it has copied before and takes the rest for that: any token of the vocabulary, until it copies them all, which
    # takes three million tokens; then the skills.
    "copying": Plan([Phase(0.12, 256, False, False, 0.0, Mix(0.04, 0.06, 0.15, copies=0.40, text_weight=0.5, prose=MORE_LEARNED, skills=SHOWN), windows=(32, 128, 128, 128)),
                     Phase(0.55, 256, False, False, 0.0, Mix(0.04, 0.03, 0.22, copies=0.10, text_weight=0.5, prose=MORE_LEARNED, skills=SHOWN), windows=MOSTLY_NARROW),
                     Phase(0.80, 1024, True, False, 0.5, Mix(0.02, 0.02, 0.28, copies=0.06, text_weight=0.5, prose=MORE_LEARNED, skills=FAR_SHOWN)),
                     Phase(1.01, 1024, True, True, 0.5, Mix(0.02, 0.02, 0.28, copies=0.06, text_weight=0.5, prose=MORE_LEARNED, skills=FAR_SHOWN))],
                    falls=0.55, recall_first=False),
}
