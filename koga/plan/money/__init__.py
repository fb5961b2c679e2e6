"""Who puts money in and who gets it back: pots, ranks, fees, to the won where it is one path."""
