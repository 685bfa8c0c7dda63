"""What can go wrong in the sample sources; each knows the HTTP status it is answered with."""

from __future__ import annotations


class SampleSourcesError(Exception):
    """Base of every error raised on purpose: what failed, what is allowed, the next step."""

    status = 500


class BadRequestError(SampleSourcesError):
    """A value from outside can't be used."""

    status = 400


class NotAllowedError(SampleSourcesError):
    """The API key is missing or wrong."""

    status = 401


class ClockConflictError(SampleSourcesError):
    """The clock can't go there: it only moves forward, and only as far as there are data."""

    status = 409


class DatabaseUnavailableError(SampleSourcesError):
    """The sample database can't be reached or is not prepared yet."""

    status = 503


class LandingConflictError(SampleSourcesError):
    """The landing folder does not belong to this clock."""
