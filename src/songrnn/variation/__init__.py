"""Changes of an existing tune: bars composed anew between others that stay."""
