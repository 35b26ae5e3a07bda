"""Finding things in a text: pass-keys and facts hidden in real prose, short passages with questions."""
from . import render
from .lexicon import ANIMALS, CITIES, COLOURS, FOODS, JOBS, NAMES, THINGS

WAYS = ["{q}\n\n{text}", "{text}\n\n{q}", "Read this text.\n\n{text}\n\n{q}", "{text}\n{q}"]


def fact(rng, who):
    """(sentence, question, answer) about one name."""
    kind = rng.randrange(7)
    if kind == 0:
        v = "".join(str(rng.randrange(10)) for _ in range(rng.choice([3, 4, 5])))
        return f"The secret number of {who} is {v}.", f"What is the secret number of {who}?", v
    if kind == 1:
        v = rng.choice(CITIES)
        return f"{who} lives in {v}.", f"Where does {who} live?", f"{who} lives in {v}."
    if kind == 2:
        v = rng.choice(JOBS)
        return f"{who} works as a {v}.", f"What is the job of {who}?", f"{who} works as a {v}."
    if kind == 3:
        v = rng.choice(COLOURS)
        return f"The favourite colour of {who} is {v}.", f"What is the favourite colour of {who}?", v
    if kind == 4:
        c, v = rng.choice(COLOURS), rng.choice(ANIMALS)
        return f"{who} has a {c} {v}.", f"Which animal does {who} have?", f"{who} has a {c} {v}."
    if kind == 5:
        v = rng.choice(FOODS)
        return f"{who} likes to eat {v}.", f"What does {who} like to eat?", f"{who} likes to eat {v}."
    v = rng.choice(THINGS)
    return f"{who} hid the key under the {v}.", f"Where did {who} hide the key?", f"Under the {v}."


def passage(rng, filler, n_facts, n_filler):
    facts = [fact(rng, who) for who in rng.sample(NAMES, n_facts)]
    sentences = [f[0] for f in facts] + [rng.choice(filler) for _ in range(n_filler)]
    rng.shuffle(sentences)
    return " ".join(sentences), facts


def make(rng, filler):
    """filler: sentences of real prose."""
    n_facts, n_filler = rng.choice([1, 1, 2, 3, 4]), rng.choice([0, 0, 1, 2, 4, 6])
    text, facts = passage(rng, filler, n_facts, n_filler)
    asked = rng.sample(facts, min(len(facts), rng.choice([1, 1, 2])))
    if rng.random() < 0.08:
        other = fact(rng, rng.choice([n for n in NAMES if n not in text]))
        asked = [(None, other[1], "The text does not say that.")]
    turns = [(rng.choice(WAYS).format(q=asked[0][1], text=text), asked[0][2])]
    turns += [(q, a) for _, q, a in asked[1:]]
    if rng.random() < 0.3 and asked[-1][0]:
        turns[-1] = (*turns[-1], "The text says: " + asked[-1][0])
    return render.conversation(turns)


def make_long(rng, filler, sentences):
    """A haystack of about the given number of prose sentences with one to three needles."""
    text, facts = passage(rng, filler, rng.choice([1, 2, 3]), sentences)
    _, q, a = rng.choice(facts)
    return render.conversation([(rng.choice(WAYS).format(q=q, text=text), a)])
