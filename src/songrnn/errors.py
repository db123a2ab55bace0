"""The exceptions for mistakes of the user, as a tree.

    SongrnnError            a mistake that the message explains; the command line prints it and exits with 2
    ├── SettingsError       a setting out of its range, an unknown name, settings that contradict each other
    ├── CorpusError         a tunebook that cannot be read, or in which no tune is valid
    ├── AbcSyntaxError      a text that is not ABC notation; the message begins with line and column
    ├── VocabularyError     a text with characters that a vocabulary lacks
    │   └── PromptError     the same in a prompt, or a prompt that cannot be continued
    ├── CheckpointError     a file that is not a whole checkpoint of this program
    ├── RunError            a run folder that cannot be written, resumed or overwritten
    │   └── Diverged        a training whose weights are no longer finite
    ├── OriginalityError    an index of melodies that cannot be used, or a tune that stays too close in every try
    ├── RenderingError      a text that cannot be turned into a score or sound
    ├── ClusterError        a Ray cluster that cannot be reached or used, or a node that fails
    └── MissingExtra        an optional part of the program that is not installed

    Interrupted             Ctrl-C during a training, which is saved (exit status 130)

Programming mistakes of our own are `AssertionError`s and are never caught.
"""


class SongrnnError(Exception):
    """A mistake of the user; the message says what was found, what was expected, where, and what to do."""


class SettingsError(SongrnnError):
    """A setting has a value that it cannot have.

    setting: its name, if the message begins with it; flag: its name on the command line.
    """

    def __init__(self, message: str, setting: str = "", flag: str = "") -> None:
        super().__init__(message)
        self.setting, self.flag = setting, flag

    def of_flag(self) -> "SettingsError":
        """The same error with the flag's name in place of the setting's."""
        if not self.setting:
            return self
        return SettingsError(self.flag + str(self).removeprefix(self.setting))


class CorpusError(SongrnnError):
    """A tunebook cannot be read or holds nothing to learn from."""


class AbcSyntaxError(SongrnnError):
    """A text is not ABC notation; `line` and `column`, both from 1, say where."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line, self.column, self.reason = line, column, reason

    def __reduce__(self) -> tuple[type["AbcSyntaxError"], tuple[int, int, str]]:
        return type(self), (self.line, self.column, self.reason)  # so that it can pass between processes


class VocabularyError(SongrnnError):
    """A text holds a character without an id."""


class PromptError(VocabularyError):
    """A prompt cannot be continued by this checkpoint."""


class CheckpointError(SongrnnError):
    """A file is not a checkpoint that this version can use."""


class RunError(SongrnnError):
    """A run folder cannot be written, resumed or overwritten."""


class Diverged(RunError):
    """The weights of a training are not finite."""


class OriginalityError(SongrnnError):
    """There is no usable index of the training tunes, or no tune far enough from them was found."""


class RenderingError(SongrnnError):
    """A text cannot be turned into the requested format."""


class ClusterError(SongrnnError):
    """A Ray cluster cannot be reached or used, or lost a task too often."""


class MissingExtra(SongrnnError):
    """An optional dependency is not installed; the message names the command that installs it."""


class Interrupted(Exception):
    """The user stopped a training; the message says where it was saved and how to resume."""
