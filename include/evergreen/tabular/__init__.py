"""One file of rows, and what has to be known to learn from it without a use case's YAML.

`read.read_file` → `columns.typed_for_training` → `use_case.adhoc`; `columns.typed_for` for the rows to predict.
"""
