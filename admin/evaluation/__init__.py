"""The evaluation of offices for the joint meeting: counted from what happened, rated by a rule that is data."""
