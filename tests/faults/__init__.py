"""Every fault of the promise "nothing lost, nothing twice", against the real parts.

`make faults` (`python -m tests.faults`) prints a line for each; `--short` does a tenth of the load,
which is what `tests/test_faults.py` looks at. Each module holds the faults of one kind: functions
marked `@fault`, which get the `Lab` and give an `Outcome`. The truth is the embedded AWS's own
directory and ledger, never the portal's tables.
"""
