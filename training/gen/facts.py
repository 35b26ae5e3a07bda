"""A closed set of facts shown many times: capitals."""
from . import render


def turn(rng, capitals):
    country, capital = rng.choice(capitals)
    if rng.random() < 0.75:
        return rng.choice(["What is the capital of {}?", "capital of {}", "Name the capital of {}.", "Which city is the capital of {}?",
                           "The capital of {} is", "what is the capital of {}?"]).format(country), f"The capital of {country} is {capital}."
    return rng.choice(["{} is the capital of which country?", "Which country has the capital {}?"]).format(capital), \
        f"{capital} is the capital of {country}."


def make(rng, capitals):
    return render.conversation([turn(rng, capitals) for _ in range(rng.choice([1, 2, 3]))])
