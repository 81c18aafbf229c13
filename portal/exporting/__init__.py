"""The static copy: what everybody may read (cases, fund accounts) as files that any web server hands out."""
