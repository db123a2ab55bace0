"""Files -> clean tune texts, split so that variants of one tune stay together."""
