"""Money on its way to a reporter: who is paid is sealed, what is paid is counted, and neither names a report."""
