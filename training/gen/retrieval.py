"""Finding things in a text: facts and pass-keys in real prose, short passages with questions, repeating a part of the text."""
from . import render
from .lexicon import ANIMALS, CITIES, COLOURS, FOODS, JOBS, NAMES, THINGS
from .phrases import ASK, MARK

WAYS = ["{q}\n\n{text}", "{text}\n\n{q}", "Read this text.\n\n{text}\n\n{q}", "{text}\n{q}", "{text} {q}", "Here is a text:\n{text}\n\n{q}",
        "Text: {text}\n{q}", "{q}\n{text}\n{q}"]
# (sentences, questions, answer); {v} is drawn from the pool
FACTS = [
    (["{n} lives in {v}.", "{n} has moved to {v}.", "The house of {n} is in {v}."], ["where does {n} live", "in which city does {n} live", "which city does {n} live in"], "{v}", CITIES),
    (["{n} works as a {v}.", "{n} is a {v}.", "{n} has become a {v}."], ["what is the job of {n}", "what does {n} work as", "which job does {n} have"], "{v}", JOBS),
    (["The favourite colour of {n} is {v}.", "{n} likes the colour {v} best."], ["what is the favourite colour of {n}", "which colour does {n} like best"], "{v}", COLOURS),
    (["{n} has a {v}.", "{n} owns a {v}.", "{n} keeps a {v}."], ["which animal does {n} have", "what animal does {n} keep"], "{v}", ANIMALS),
    (["{n} likes to eat {v}.", "{n} often eats {v}."], ["what does {n} like to eat", "what does {n} eat"], "{v}", FOODS),
    (["{n} hid the key under the {v}.", "{n} put the key under the {v}."], ["where did {n} hide the key", "under what did {n} put the key"], "Under the {v}", THINGS),
]
SECRETS = [(["The {k} of {n} is {v}.", "{n} says that the {k} is {v}.", "The {k} is {v}, says {n}."],
            ["what is the {k} of {n}", "which {k} does {n} have", "what is the {k} that belongs to {n}", "tell me the {k} of {n}"])]
KEYS = ["pass-key", "secret number", "magic number", "code", "secret word", "password", "special number", "key number", "telephone number", "ticket number"]
PASSKEY = (["The {k} is {v}. Remember it.", "Remember: the {k} is {v}.", "The {k} is {v}.", "{v} is the {k}.", "One thing is important: the {k} is {v}."],
           ["what is the {k}", "what was the {k}", "which {k} is given in the text", "find the {k}", "what is the {k} in the text", "tell me the {k}"])


def secret(w):
    return "".join(str(w.rng.randrange(10)) for _ in range(w.rng.choice([3, 4, 5, 5, 6]))) if w.rng.random() < 0.75 else w.copied(w.words)


def fact(w, who):
    """(sentence, ask, answer) about one name; ask() draws a question."""
    if w.rng.random() < 0.35:
        says, asks = w.rng.choice(SECRETS)
        k, v = w.rng.choice(KEYS), secret(w)
        return w.rng.choice(says).format(k=k, n=who, v=v), lambda: w.form(ASK, asks, MARK).format(k=k, n=who), v
    says, asks, answer, pool = w.rng.choice(FACTS)
    v = w.copied(pool)
    return w.rng.choice(says).format(n=who, v=v), lambda: w.form(ASK, asks, MARK).format(n=who), answer.format(v=v)


def passkey(w):
    k, v = w.rng.choice(KEYS), secret(w)
    return w.rng.choice(PASSKEY[0]).format(k=k, v=v), lambda: w.form(ASK, PASSKEY[1], MARK).format(k=k), v


def passage(w, facts, n_filler):
    """Filler is consecutive prose, so that a haystack reads like a book; the facts lie anywhere in it."""
    at = w.rng.randrange(max(1, len(w.filler) - n_filler))
    sentences = list(w.filler[at : at + n_filler])
    for f in facts:
        sentences.insert(w.rng.randint(0, len(sentences)), f[0])
    return " ".join(sentences)


def conversation(w, text, asked, ways):
    """The text with the first question, then the others."""
    (ask, answer), *later = asked
    return render.conversation([(w.rng.choice(ways).format(q=ask(), text=text), answer), *((q(), a) for q, a in later)])


def questions(w, facts, most):
    """Every fact may be asked for again and again, each time in other words: few tokens of a document are answers, and only they teach to find."""
    return [f[1:] for f in w.rng.choices(facts, k=w.rng.randint(1, most))]


def make(w):
    n_facts, n_filler = w.rng.choice([1, 2, 2, 3, 4]), w.rng.choice([0, 0, 1, 2, 3, 4])
    facts = [fact(w, who) for who in w.some_copied(NAMES, n_facts)]
    if w.rng.random() < 0.3:
        facts[0] = passkey(w)
    text = passage(w, facts, n_filler)
    asked = questions(w, facts, 2 * n_facts)
    if w.rng.random() < 0.04:
        asked = [(fact(w, w.rng.choice([n for n in NAMES if n not in text]))[1], "The text does not say that.")]
    return conversation(w, text, asked, WAYS)


def make_long(w):
    """A haystack of about 300 to 450 tokens with pass-keys and facts, asked about in several turns."""
    facts = [fact(w, who) for who in w.some_copied(NAMES, w.rng.choice([1, 2, 3]))]
    if w.rng.random() < 0.6:
        facts[0] = passkey(w)
    return conversation(w, passage(w, facts, w.rng.choice([6, 8, 10])), questions(w, facts, 6), [x for x in WAYS if not x.startswith("{q}")])


def make_far(w):
    """A haystack of about 700 to 1,000 tokens in which several people have a number of the same kind."""
    k, (says, asks) = w.rng.choice(KEYS), SECRETS[0]
    ask = lambda who: lambda: w.form(ASK, asks, MARK).format(k=k, n=who)
    facts = [(w.rng.choice(says).format(k=k, n=who, v=v), ask(who), v)
             for who, v in ((who, secret(w)) for who in w.some_copied(NAMES, w.rng.randrange(1, 10)))]
    return conversation(w, passage(w, facts, w.rng.randrange(14, 22)), questions(w, facts, 6), [x for x in WAYS if not x.startswith("{q}")])
