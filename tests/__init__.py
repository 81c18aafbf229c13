"""The tests, mirrored on the tree. A package, so that an installed one of the same name cannot stand in its place."""
