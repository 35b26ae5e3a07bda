"""Simple stories from a small grammar: someone, a wish, a trouble, a helper, an end that follows from them."""
from . import render
from .phrases import END as CLOSE, PLEASE
from .lexicon import ANIMALS, BOYS, COLOURS, FOODS, GIRLS, JOBS, MOODS, PLACES, THINGS, an

TROUBLE = ["One day {he} lost the {thing} in the {place}.", "One day a strong wind took the {thing} away.",
           "One morning the {thing} was gone.", "But the {thing} fell into the water near the {place}.", "Then the {thing} broke."]
SEARCH = ["{He} looked under the table, behind the door and in the {place2}, but could not find it.",
          "{He} sat down and cried.", "{He} asked everyone in the {place2}, but nobody had seen it.",
          "{He} did not know what to do.", "{He} walked all day and grew very tired."]
HELP = ['"Why are you sad?" asked {an_animal2}.', '{An_animal2} came by and stopped. "Can I help you?" it asked.',
        "On the way {he} met {an_animal2}."]
TELL = ['"I have lost my {thing}," said {name}.', "{name} told the {animal2} about the {thing}.",
        '"My {thing} is gone," said {name}, "and I miss it."']
SOLVE = ["The {animal2} knew the {place} well and soon found the {thing} under {an_tree}.",
         "Together they went to the {place}, and there it was, behind {an_tree}.",
         "The {animal2} was {mood2} and clever. It pulled the {thing} out from under {an_tree}."]
THANK = ["{name} was very happy and gave the {animal2} some {food}.", '"Thank you!" said {name}, and they shared some {food}.',
         "{name} thanked the {animal2}, and from that day they were friends."]
END = ["In the evening they all went home.", "That night {name} slept well.", "And they were good friends for ever.",
       "Since then {name} has always looked after the {thing}.", "The next day they played together in the {place2}.", "The end."]
WANT = ["{name} had {a_thing} and loved it very much.", "{name} owned {a_thing} that had come from {his} grandmother.",
        "{name} liked {food} and a {colour2} {thing} more than anything.", "Every day {he} played with {a_thing}."]
TREES = ["old tree", "big stone", "green bush", "empty box", "small bridge", "wooden bench", "heap of leaves"]


def hero(rng):
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(BOYS), "boy", "he", "his"
    if kind < 0.7:
        return rng.choice(GIRLS), "girl", "she", "her"
    return "the " + rng.choice(ANIMALS), None, "it", "its"


def tell(rng, animal=None):
    name, kind, he, his = hero(rng)
    if animal:
        name, kind, he, his = "the " + animal, None, "it", "its"
    place, place2 = rng.sample(PLACES, 2)
    colour, thing = rng.choice(COLOURS), rng.choice(THINGS)
    helper = rng.choice([a for a in ANIMALS if a not in name])
    mood, mood2 = rng.sample(MOODS, 2)
    job = rng.choice(JOBS)
    words = dict(name=name, he=he, He=he.capitalize(), his=his, place=place, place2=place2, thing=thing, animal2=helper,
                 an_animal2=an(helper), An_animal2=an(helper).capitalize(), a_thing=an(f"{colour} {thing}"), colour2=colour,
                 food=rng.choice(FOODS), mood2=mood2, an_tree=an(rng.choice(TREES)))
    if kind:
        opening = rng.choice([f"Once upon a time there was {an(mood)} {kind} named {name}.",
                              f"{name} was {an(mood)} {kind} who lived near the {place}.",
                              f"In a small house by the {place} lived {an(mood)} {kind} called {name}.",
                              f"{name} was the child of {an(job)} and lived in the {place2}."])
    else:
        opening = rng.choice([f"Once upon a time there was {an(mood)} {name[4:]}.", f"Near the {place} lived {an(mood)} {name[4:]}.",
                              f"There was once {an(mood)} {name[4:]} who lived in the {place2}."])
    parts = [opening] + [rng.choice(p).format(**words) for p in (WANT, TROUBLE, SEARCH, HELP, TELL, SOLVE, THANK, END)]
    return " ".join(p[0].upper() + p[1:] for p in parts)


REQUESTS = ["tell me a story about {}", "write a story about {}", "tell a short story about {}", "a story about {}", "do you know a story about {}",
            "make up a story about {}", "a little tale about {}"]
ANY = ["tell me a story", "tell me a short story", "write a story", "can you tell me a story", "a story", "make up a story", "tell a tale"]


def make(w):
    rng = w.rng
    if rng.random() < 0.3:
        return render.plain(tell(rng))
    animal = rng.choice(ANIMALS) if rng.random() < 0.6 else None
    q = w.form(PLEASE, REQUESTS, CLOSE).format(an(animal)) if animal else w.form(PLEASE, ANY, CLOSE)
    turn = (q, tell(rng, animal))
    if rng.random() < 0.25:
        turn = (*turn, "I tell a short story" + (f" about {an(animal)}." if animal else "."))
    return render.conversation([turn])
