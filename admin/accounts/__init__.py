"""The pages of signing in and of accounts; what they do is in ``admin.staff``."""
