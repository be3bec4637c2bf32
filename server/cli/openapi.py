"""`lianzhen openapi`: print the description of the JSON routes."""

import json
import sys
from collections.abc import Sequence

from server.cli.options import make_parser
from server.openapi import describe
from server.routes import ALL


def run(arguments: Sequence[str]) -> int:
    """Print the OpenAPI document that /openapi.json serves."""
    make_parser("openapi", "Print the description of the JSON routes.").parse_args(arguments)
    document = describe([door for routes in ALL for door in routes.doors])
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
    return 0
