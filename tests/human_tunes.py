"""Tunes of eight bars, long enough for a pair of blind listening, and a file of them."""

from tiny import JIG, REEL

LONG_JIG = JIG.replace("|:DFA dfa", "|:DFA dfa|gec dAF|DFA dfa|gec d3|DFA dfa")
LONG_REEL = REEL.replace("|:GBdB gdBd", "|:GBdB gdBd|ecAc fdAF|GBdB gdBd|edcA G4|GBdB gdBd")
FILE = "".join(f"X:{n}\nT:The Kettle, {n}\n{tune}\n" for n, tune in enumerate((LONG_JIG, LONG_REEL, LONG_JIG), 1))
