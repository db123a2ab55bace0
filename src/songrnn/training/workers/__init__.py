"""Several processes that train one network: each has the same weights and its own lanes of every window.

`team.py` connects them, `rank.py` is one of them, `launch.py` starts them on this machine.
"""
