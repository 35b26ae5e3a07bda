"""The V4 chat encoding, without tools."""

BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
USER, ASSISTANT = "<｜User｜>", "<｜Assistant｜>"
THINK, END_THINK = "<think>", "</think>"


def conversation(turns, system=None):
    """turns: (question, answer) or (question, answer, reasoning). Reasoning of all but the last turn is dropped, as in production."""
    pieces = [(BOS + (system or ""), False)]
    for i, turn in enumerate(turns):
        question, answer = turn[0], turn[1]
        reasoning = turn[2] if len(turn) > 2 and i == len(turns) - 1 else None
        opening = END_THINK if reasoning is None else THINK
        pieces.append((USER + question + ASSISTANT + opening, False))
        pieces.append(((reasoning + END_THINK if reasoning is not None else "") + answer + EOS, True))
    return pieces


def plain(text):
    return [(BOS, False), (text + EOS, True)]


def maybe_think(rng, question, answer, reasoning, share=0.5):
    """A turn that shows its working: inside <think> in thinking mode, before the answer otherwise."""
    if rng.random() < share:
        return (question, answer, reasoning)
    return (question, reasoning + "\n" + answer)
