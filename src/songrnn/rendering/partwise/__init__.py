"""The pieces of a MusicXML score-partwise document, one kind of element a module."""
