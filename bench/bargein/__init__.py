"""The bench of barge-in: a candidate who interrupts, in a real browser, on one audio clock."""
