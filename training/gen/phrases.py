"""Openings and closings that multiply the surface forms of every request."""
PLEASE = ["", "", "please ", "can you ", "could you ", "now ", "I want you to ", "I would like you to ", "would you ", "kindly "]
ASK = ["", "", "tell me: ", "quick question: ", "question: ", "please tell me: ", "I wonder: ", "one more: ", "so, ", "hey, "]
END = ["", "", ".", ".", " please.", ", thanks.", " now.", "!"]
MARK = ["?", "?", "", " ?", "? Thanks.", "? Please be brief.", "? Just the answer."]
