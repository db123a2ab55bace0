"""A tune that is there, changed by composing: bars written anew between others that stay."""
