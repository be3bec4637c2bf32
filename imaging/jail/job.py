"""What a job of the jail is: parameters, descriptors to read, descriptors to write, an answer."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from imaging.jail.params import Params

MANY: Final = -1
"""Stands for as many descriptors as the asker gives; the job holds them against each other."""

Job = Callable[[Params, list[int], list[int]], dict[str, Any]]
Registry = Mapping[str, tuple[int, int, Job]]
"""Name of a job: how many descriptors it takes in and gives out, and the function."""
