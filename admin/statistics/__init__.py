"""The monthly bulletin of figures on handling (月报): counted, approved by a second person, published, corrected."""
