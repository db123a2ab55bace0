"""Problems of a tune, as written and as played."""
