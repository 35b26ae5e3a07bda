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


def worked(w, question, answer, working):
    """A turn that shows its working, if it has one: mostly inside <think>, otherwise before the answer."""
    if working is None:
        return question, answer
    if w.rng.random() < 0.75:
        return question, answer, working
    return question, working + "\n= " + answer
