"""The redaction assistant: what must not be printed, found and masked or put before a person. Pure; no database.

``redact(text, known)`` in :mod:`portal.exposures.redaction.assistant` is the one entry; the kinds are in
:mod:`portal.exposures.redaction.values` and in docs/formats/redaction.md.
"""
