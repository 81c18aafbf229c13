"""What happens when things break, tried on the real thing: both sites under gunicorn, both databases."""
