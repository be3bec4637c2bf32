"""What follows an urgent report in the demonstration: the expert rings the clinic at once."""

from consult.cases import service as cases
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.reports.alerts import service as alerts
from consult.reports.alerts.model import Called, Heard
from consult.reports.alerts.service import Said
from server.demo.stage import Scene


def tell_by_telephone(work: Work, scene: Scene) -> None:
    """Whoever signed reaches the requesting physician, which confirms the urgent alert."""
    case = cases.get_case(work, scene.case_id)
    for alert in alerts.list_of_case(work, case):
        if alert.is_open:
            owner = practitioners.names_of(work, [alert.owner_id])[alert.owner_id]
            said = Said(Called.OTHER_SIDE, Heard.REACHED, spoken_to=owner.name)
            alerts.log_call(work, case_id=case.id, revision=alert.revision, said=said)
