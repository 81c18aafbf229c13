"""Fund accounts on the staff side: taken in, checked, approved by a second person, published, corrected."""
