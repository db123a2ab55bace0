"""ABC -> MIDI, sound, MusicXML, scores and pages."""
