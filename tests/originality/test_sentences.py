from fractions import Fraction

from songrnn.originality.sentences import described
from songrnn.originality.shared_runs import SharedRun


def test_a_source_in_several_spellings_is_named_once():
    sources = ("Old Molly (a 1)", "OLD MOLLY (A 1)", "The Kettle (b 2)", "Third (c 3)")
    run = SharedRun(9, Fraction(2), 1, 2, 0, 9, 1.0, sources, 0, common=False)
    assert described(run) == "2.0 bars (9 notes), bars 1-2, as in Old Molly (a 1) and The Kettle (b 2) and 1 more"
