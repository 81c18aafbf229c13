"""The speeds that are promised, measured on a real deployment: ``python -m tests.benches``. Nothing here is a test."""
