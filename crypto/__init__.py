"""Keys, envelopes, shares, receipts and ledger hashes: a leaf package that imports nothing else of ours.

Everything raises (see `crypto.errors`); nothing answers with False. The byte formats are written down in
docs/formats/, and every blob starts with its version and suite so that a suite can be replaced.
"""
