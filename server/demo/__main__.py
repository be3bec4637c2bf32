"""Write docs/demo.md to standard output: `python -m server.demo > docs/demo.md`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from server.demo.page import format_page
from server.demo.plan import make_plan, read_demo
from server.terms import load_terms

_CONFIG = Path(__file__).parents[2] / "config"
# The page holds nothing that depends on the day.
_ANY_DAY = datetime(2026, 1, 5, 2, tzinfo=UTC)

if __name__ == "__main__":
    demo = read_demo((_CONFIG / "demo.toml").read_text(encoding="utf-8"))
    plan = make_plan(demo, now=_ANY_DAY)
    sys.stdout.write(format_page(plan, terms=load_terms(_CONFIG / "terms")))
