"""ABC text <-> structured tune, by the ABC standard 2.1; standard library only."""
