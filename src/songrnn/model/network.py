"""The network in PyTorch: embedding -> recurrent layers -> logits. `equations.py` says the same in NumPy."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from songrnn.model.categories import STEP_OF_C, Columns, note_letters
from songrnn.model.settings import LARGEST_STEP, RELATIVE_TO_TONIC, STEPS_OF_A_COUNT, ModelSettings
from songrnn.tracking.lookback import AGREEMENTS, LAGS
from songrnn.tracking.state import NO_STEP, NO_TONIC
from songrnn.vocabulary import Vocabulary

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class InputTensors(NamedTuple):
    """What the network reads (`model/inputs.py`)."""

    rows: Tensor  # [T, B, 4]: id, suggested id, steps of the match's length, steps of its distance
    expected: Tensor  # [T, B, K, V]: natural logarithms of probabilities
    places: Tensor  # [T, B, C]: where in the tune (`model/categories.py`)


class State(NamedTuple):
    """What the network carries from character to character."""

    hidden: Tensor  # [L, B, H]
    cell: Tensor | None  # [L, B, H]; an LSTM only

    def detached(self) -> "State":
        """The same numbers, through which no gradient flows: the border of truncated back-propagation."""
        return State(self.hidden.detach(), None if self.cell is None else self.cell.detach())

    def begun(self, fresh: Tensor) -> "State":
        """The same with zeros in the columns that are `fresh`, [B] of booleans."""
        kept = ~fresh[:, None]
        return State(self.hidden * kept, None if self.cell is None else self.cell * kept)

    def first(self, count: int) -> "State":
        """The state of the first `count` tunes."""
        return State(
            self.hidden[:, :count].contiguous(), None if self.cell is None else self.cell[:, :count].contiguous()
        )


class CharRnn(nn.Module):
    """Predicts the next character from all before it.

    Dropout acts on the input, between layers, and before the output, in a network of one layer too. (The `dropout` of
    `nn.LSTM` acts only between layers, so in one layer never.) Weight dropout sets weights from state to state to zero
    for a whole window (Wan et al. 2013; for recurrent networks Merity et al. 2018). The floor is not there while
    learning: with it, a network need not learn from what surprises it most.

    generator: what dropout is drawn from, but for that between layers; None: PyTorch's own.
    """

    def __init__(
        self, settings: ModelSettings, vocabulary: Vocabulary, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.settings, self._generator = settings, generator
        vocabulary_size = len(vocabulary)
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.copying = Copying(settings, vocabulary_size) if settings.copying else None
        self.ngrams = NgramOpinions(settings, vocabulary_size) if settings.ngrams else None
        self.categories = Categories(settings, vocabulary_size) if settings.categories else None
        self.lookback = Lookback(settings, vocabulary_size) if settings.lookback else None
        self.pitches = PitchHeads(settings, vocabulary) if settings.pitch_heads else None
        self.recurrent = CELLS[settings.cell](
            settings.input_size,
            settings.hidden_size,
            num_layers=settings.layers,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.output = nn.Linear(settings.hidden_size, vocabulary_size)

    def forward(self, inputs: InputTensors, state: State | None = None) -> tuple[Tensor, State]:
        """Read inputs of T characters for B tunes from `state` (None: zero).

        Returns logits [T, B, V], float32, and the state after the last character.
        """
        embedded = self.embedding(inputs.rows[..., 0])
        if self.copying is not None:
            embedded = embedded + self.copying.embedded(inputs.rows)
        if self.ngrams is not None:
            embedded = embedded + self.ngrams.embedded(inputs.expected)
        if self.categories is not None:
            embedded = torch.cat([embedded, self.categories(inputs.places)], -1)
        embedded = self._dropped(embedded, self.settings.input_dropout)
        values, state = self._recur(embedded, state)
        values = self._dropped(values, self.settings.dropout)
        logits, *votes = self._heads(values)
        if self.categories is not None:
            logits = logits + self.categories.output(embedded[..., self.settings.embedding_size :]).float()
        if self.pitches is not None:
            logits = logits + self.pitches(*votes[-2:], inputs.places)
        if self.ngrams is not None:
            logits = logits + self.ngrams.votes(votes.pop(0), inputs.expected)
        if self.copying is not None:
            logits = self.copying.raised(logits, votes.pop(0), inputs.rows)
        if self.lookback is not None:
            logits = self.lookback(logits, votes.pop(0), inputs.places)
        if self.settings.floor and not self.training:
            logits = floored_logits(logits, self.settings.floor)
        return logits, state

    def _heads(self, values: Tensor) -> tuple[Tensor, ...]:
        """What the state says by itself, float32: logits, then gates of n-grams, copying and lookback, pitch heads.

        They are computed as one product, which takes half the time of one each.
        """
        heads = [self.output]
        heads += [part.gate for part in (self.ngrams, self.copying, self.lookback) if part is not None]
        heads += [] if self.pitches is None else [self.pitches.tonic, self.pitches.step]
        weight, bias = torch.cat([head.weight for head in heads]), torch.cat([head.bias for head in heads])
        said = nn.functional.linear(values, weight, bias).float()
        return torch.split(said, [head.out_features for head in heads], -1)

    def _recur(self, embedded: Tensor, state: State | None) -> tuple[Tensor, State]:
        weights = {
            name: self._dropped(weight, self.settings.weight_dropout)
            for name, weight in self.recurrent.named_parameters()
            if name.startswith("weight_hh")
        }
        if isinstance(self.recurrent, nn.LSTM):
            before = None if state is None else tuple(state)
            values, (hidden, cell) = torch.func.functional_call(self.recurrent, weights, (embedded, before))
            return values, State(hidden.float(), cell.float())
        hidden = None if state is None else state.hidden
        values, hidden = torch.func.functional_call(self.recurrent, weights, (embedded, hidden))
        return values, State(hidden.float(), None)

    def _dropped(self, values: Tensor, share: float) -> Tensor:
        if not self.training or not share:
            return values
        # Four 16-bit draws from each 64-bit one: a fifth of the time of `bernoulli_`.
        draws = torch.empty(-(-values.numel() // 4), dtype=torch.int64, device=values.device)
        bits = draws.random_(-(2**63), None, generator=self._generator).view(torch.int16)[: values.numel()]
        kept = (bits >= round(share * 2**16) - 2**15).view(values.shape).to(values.dtype)
        return values * kept.mul_(1 / (1 - share))


def floored_logits(logits: Tensor, floor: float) -> Tensor:
    """Logarithms of the probabilities that `logits` [..., V] give, of which `floor` is spread evenly over all V."""
    shares = torch.log_softmax(logits, -1) + math.log1p(-floor)
    return torch.logaddexp(shares, shares.new_tensor(math.log(floor / logits.shape[-1])))


class Copying(nn.Module):
    """What the tune so far suggests, as input and as output (`model/copying.py` has the equations)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        steps = len(STEPS_OF_A_COUNT) + 1
        self.suggested = nn.Embedding(vocabulary_size + 1, settings.embedding_size)
        self.length = nn.Embedding(steps, settings.embedding_size)
        self.distance = nn.Embedding(steps, settings.embedding_size)
        self.gate = nn.Linear(settings.hidden_size, 1)
        self.length_bonus = nn.Embedding(steps, 1)
        self.distance_bonus = nn.Embedding(steps, 1)
        nn.init.zeros_(self.length_bonus.weight)
        nn.init.zeros_(self.distance_bonus.weight)

    def embedded(self, rows: Tensor) -> Tensor:
        """What is added to the embedding [T, B, E]."""
        _, suggestions, lengths, distances = rows.unbind(-1)
        added: Tensor = self.suggested(suggestions) + self.length(lengths) + self.distance(distances)
        return added

    def raised(self, logits: Tensor, gates: Tensor, rows: Tensor) -> Tensor:
        """The logits [T, B, V], that of each suggested character raised by what the gate says [T, B, 1]."""
        _, suggestions, lengths, distances = rows.unbind(-1)
        by = gates + self.length_bonus(lengths) + self.distance_bonus(distances)  # [T, B, 1]
        with_nothing = nn.functional.pad(logits, (0, 1))  # one more column, for "nothing is suggested"
        return with_nothing.scatter_add(-1, suggestions.unsqueeze(-1).long(), by)[..., :-1]


class NgramOpinions(nn.Module):
    """What the n-grams expect, as input and as output (`model/ngrams.py` has the equations)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        count = len(settings.ngrams)
        self.input = nn.Linear(count * vocabulary_size, settings.embedding_size, bias=False)
        self.gate = nn.Linear(settings.hidden_size, count)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, 1 / count)  # so that a new network says almost what the n-grams say

    def embedded(self, expected: Tensor) -> Tensor:
        """What is added to the embedding [T, B, E]."""
        added: Tensor = self.input((expected.float() / 2).exp().flatten(-2))
        return added

    def votes(self, gates: Tensor, expected: Tensor) -> Tensor:
        """What is added to the logits [T, B, V]; gates: [T, B, K]."""
        added: Tensor = (gates.unsqueeze(-1) * expected).sum(-2)
        return added


class Categories(nn.Module):
    """Position, plan and lookback as input, and their direct way to the logits (`model/categories.py`).

    A new network's rows add up to numbers about as large as those of a character, and reach the logits with no weight.
    """

    offsets: Tensor

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        columns = Columns.of(settings, vocabulary_size)
        self._groups: list[nn.Embedding] = []
        for name, sizes in columns.sizes.items():
            embedding = nn.Embedding(sum(sizes), settings.position_size)
            nn.init.normal_(embedding.weight, std=columns.categories**-0.5)
            self.add_module(name, embedding)
            self._groups.append(embedding)
        self.output = nn.Linear(settings.position_size, vocabulary_size, bias=False)
        nn.init.zeros_(self.output.weight)
        self.register_buffer("offsets", torch.from_numpy(columns.offsets).int(), persistent=False)

    def forward(self, places: Tensor) -> Tensor:
        """The sum of the rows, [T, B, P]."""
        table = torch.cat([embedding.weight for embedding in self._groups])
        rows = places[..., : len(self.offsets)] + self.offsets
        summed: Tensor = _SummedRows.apply(table, rows.flatten(0, -2))  # type: ignore[no-untyped-call]
        return summed.view(*places.shape[:-1], -1)


class _SummedRows(torch.autograd.Function):
    """The sums of rows [N, C] of a table [R, P]: [N, P].

    Its gradient is a product with a matrix of zeros and ones: on a processor half the time of that of `embedding_bag`,
    where every row is reached hundreds of times in a window.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.table_rows, ctx.half = len(table), torch.is_autocast_enabled(table.device.type)
        return nn.functional.embedding_bag(rows, table, mode="sum")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        kind = torch.bfloat16 if ctx.half else gradient.dtype
        chosen = torch.zeros(len(rows) * ctx.table_rows, dtype=kind, device=rows.device)
        begin = ctx.table_rows * torch.arange(len(rows), device=rows.device)
        chosen[(rows + begin.unsqueeze(-1)).flatten()] = 1
        return (chosen.view(len(rows), -1).T @ gradient.to(kind)).to(gradient.dtype), None


class Lookback(nn.Module):
    """Gated votes for what stood at the same place some bars earlier (`model/categories.py`); a new network's are 0."""

    offsets: Tensor

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        columns = Columns.of(settings, vocabulary_size)
        self._suggested, self._agreement = columns.group("suggested"), columns.group("agreement")
        self.gate = nn.Linear(settings.hidden_size, len(LAGS))
        self.bonus = nn.Embedding(len(LAGS) * AGREEMENTS, 1)
        self.register_buffer("offsets", AGREEMENTS * torch.arange(len(LAGS)), persistent=False)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, logits: Tensor, gates: Tensor, places: Tensor) -> Tensor:
        """The logits [T, B, V], those of the suggested characters raised by what the gates say [T, B, G]."""
        by = gates + self.bonus(places[..., self._agreement] + self.offsets)[..., 0]
        with_nothing = nn.functional.pad(logits, (0, 1))  # one more column, for "nothing is suggested"
        return with_nothing.scatter_add(-1, places[..., self._suggested].long(), by)[..., :-1]


class PitchHeads(nn.Module):
    """Votes for the note letters by scale degree and by interval (`model/categories.py`); a new network's are 0."""

    letters: Tensor
    numbers: Tensor

    def __init__(self, settings: ModelSettings, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.tonic = nn.Linear(settings.hidden_size, RELATIVE_TO_TONIC)
        self.step = nn.Linear(settings.hidden_size, 2 * LARGEST_STEP + 1)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
        letters = note_letters(vocabulary)
        self._vocabulary_size = len(vocabulary)
        self.register_buffer("letters", torch.from_numpy(letters), persistent=False)
        self.register_buffer("numbers", torch.arange(len(letters)), persistent=False)

    def forward(self, by_tonic: Tensor, by_step: Tensor, places: Tensor) -> Tensor:
        """What is added to the logits [T, B, V]; by_tonic, by_step: what the heads say, [T, B, rows]."""
        tonic, step = places[..., -2, None].long(), places[..., -1, None].long()
        to_tonic = torch.where(tonic == NO_TONIC, RELATIVE_TO_TONIC, self.numbers - tonic + NO_TONIC - 1)
        interval = (self.numbers + STEP_OF_C - step).clamp(-LARGEST_STEP, LARGEST_STEP) + LARGEST_STEP
        interval = torch.where(step == NO_STEP, 2 * LARGEST_STEP + 1, interval)
        votes = _chosen(by_tonic, to_tonic) + _chosen(by_step, interval)  # [T, B, 14]
        added = votes.new_zeros(*votes.shape[:-1], self._vocabulary_size + 1)  # one more for letters without an id
        return added.index_add(-1, self.letters, votes)[..., :-1]


def _chosen(votes: Tensor, rows: Tensor) -> Tensor:
    """The votes [..., R] at `rows` [..., 14]; 0 for row R."""
    return nn.functional.pad(votes, (0, 1)).gather(-1, rows)
