"""Generators of training documents: one module per skill, each with make(rng) -> list of (text, learned) pieces.

`learned` says whether the loss counts in full on the piece; questions and haystacks count little. All documents are rendered with the
production chat encoding (render.py). Everything is a pure function of the random generator handed in.
"""
