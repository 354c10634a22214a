"""The version of this release, as clients see it."""

VERSION = "0.1.0"
