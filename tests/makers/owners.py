"""Who is accountable for a case, line by line (Q-12)."""

from consult.kernel.ids import CaseId
from tests.makers.clinic import Clinic


def assert_one_owner_throughout(clinic: Clinic, case_id: CaseId) -> None:
    """Every line of the case's own story names exactly one accountable person while it is open."""
    told = [
        line.codes
        for line in clinic.lines()
        if line.case_id == case_id and line.object_type == "case" and "status" in line.codes
    ]
    closed = {"closed", "rejected", "withdrawn"}
    assert told
    assert all((codes["status"] in closed) == (codes["owner"] is None) for codes in told)
