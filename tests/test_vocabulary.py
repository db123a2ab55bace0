"""Characters <-> ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songrnn.errors import VocabularyError
from songrnn.vocabulary import Vocabulary

# The whole range of Unicode without the surrogates, which no file can hold.
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1)


def test_ids_follow_the_order_of_the_characters_whatever_the_order_of_the_texts():
    assert Vocabulary.of(["cab", "b"], boundaries=False) == Vocabulary.of(["b", "bca"], boundaries=False)
    assert list(Vocabulary.of(["cab"], boundaries=False).encode("abc")) == [0, 1, 2]


def test_start_and_end_come_after_the_characters_and_have_no_text():
    vocabulary = Vocabulary.of(["ab"], boundaries=True)
    assert len(vocabulary) == 4
    assert list(vocabulary.encode_tune("ba")) == [vocabulary.start, 1, 0, vocabulary.end]
    assert vocabulary.decode(vocabulary.encode_tune("ba")) == "ba"


def test_without_boundaries_a_tune_is_its_characters():
    vocabulary = Vocabulary.of(["ab"], boundaries=False)
    assert len(vocabulary) == 2
    assert list(vocabulary.encode_tune("ba")) == [1, 0]


@given(texts)
def test_decoding_gives_back_what_was_encoded(text):
    vocabulary = Vocabulary.of([text], boundaries=True)
    assert vocabulary.decode(vocabulary.encode_tune(text)) == text


@given(texts, texts)
def test_known_characters_are_kept_and_the_others_counted(learned, text):
    vocabulary = Vocabulary.of([learned], boundaries=False)
    ids, unknown = vocabulary.encode_known(text)
    assert vocabulary.decode(ids) == "".join(c for c in text if c in learned)
    assert unknown == sum(c not in learned for c in text)


def test_an_unknown_character_is_named_with_its_position():
    vocabulary = Vocabulary.of(["abc"], boundaries=False)
    with pytest.raises(VocabularyError, match=r"character 'é' \(position 3\) is not among the 3 characters"):
        vocabulary.encode("abé")


def test_a_character_above_all_known_ones_is_unknown_too():
    assert Vocabulary.of(["abc"], boundaries=False).encode_known("z~")[1] == 2


@pytest.mark.parametrize("characters", ["ba", "aab"])
def test_unsorted_or_repeated_characters_are_refused(characters):
    with pytest.raises(VocabularyError, match="must be sorted, each once"):
        Vocabulary(characters, boundaries=False)


def test_an_empty_vocabulary_is_refused():
    with pytest.raises(VocabularyError, match="at least one character"):
        Vocabulary.of([], boundaries=True)
