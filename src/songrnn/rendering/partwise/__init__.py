"""The elements of a MusicXML score-partwise document, one kind a module."""
