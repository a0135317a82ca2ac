"""What a rule asks of an event, compiled: three-valued verdicts over a `Subject`."""
