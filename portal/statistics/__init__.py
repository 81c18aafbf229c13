"""Figures on how reports are handled: counted from the book, and withheld where they would tell of a few people."""
