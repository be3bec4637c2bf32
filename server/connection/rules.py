"""What config/connection.toml says of the test of a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from consult.kernel.rules import RuleTable
from server.auth.counters import Budget


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """How many tests at once, how long one lasts, and how often a person may ask."""

    most_tries: int
    try_s: int
    credentials: Budget
    tries: Budget


def parse_connection_rules(told: Mapping[str, object]) -> ConnectionRules:
    """Check the file; a missing or misspelt key is an error of whoever changed it."""
    table = RuleTable(told)
    table.only(
        "name", "version", "source", "most_tries", "try_s", "window_min", "credentials", "tries"
    )
    window = timedelta(minutes=table.whole("window_min", lowest=1))
    return ConnectionRules(
        most_tries=table.whole("most_tries", lowest=1),
        try_s=table.whole("try_s", lowest=10),
        credentials=Budget(table.whole("credentials", lowest=1), window),
        tries=Budget(table.whole("tries", lowest=1), window),
    )
