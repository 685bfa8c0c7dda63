"""The stages composed into the steps that both doors call, the CLI and the DAGs: one file a DAG.

A step takes an `Instance` and references, and returns a reference. It may run twice: what it writes is keyed by the run
or by content, and the second time finds the first's work.
"""
