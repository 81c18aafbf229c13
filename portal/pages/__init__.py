"""Pages that only speak: home, stay safe, how we protect, deadlines, rights, privacy, accessibility, contact."""
