"""Sessions: opened, found on each request, switched to another institution, ended."""

from consult.kernel.errors import NotFoundError
from consult.kernel.ids import (
    AffiliationId,
    ConsortiumId,
    InstitutionId,
    PanelId,
    PractitionerId,
    new_id,
)
from consult.kernel.work import Actor, Entry, Work, roles_of
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners import store as practitioner_store
from consult.people.practitioners.sign_in_rules import SessionRules
from consult.people.second_factors import service as second_factors
from consult.people.sessions import attempts, open_store, store, sweeps, windows
from consult.people.sessions.errors import (
    AffiliationNotYoursError,
    NoAffiliationError,
    SignInRefusedError,
)
from consult.people.sessions.model import (
    BY_PASSWORD,
    WITH_PASSWORD,
    Attempt,
    Client,
    Opened,
    Place,
    Session,
    SignedIn,
    WayIn,
)
from consult.people.sessions.tables import SessionRow


def find_signed_in(work: Work, *, token_hash: str, rules: SessionRules) -> SignedIn | None:
    """Who is behind a token: nobody once session, affiliation, institution or password ended."""
    found = open_store.find_open(work.session, token_hash, now=work.now, idle=rules.idle)
    if found is None or not sweeps.holds_today(
        found.from_on, found.until_on, zone=found.zone, now=work.now
    ):
        return None
    actor = Actor(
        practitioner_id=PractitionerId(found.practitioner_id),
        institution_id=InstitutionId(found.institution_id),
        affiliation_id=AffiliationId(found.affiliation_id),
        roles=roles_of((found.roles or "").split()),
        consortium_ids=frozenset(map(ConsortiumId, (found.consortia or "").split())),
        panel_ids=frozenset(map(PanelId, (found.panels or "").split())),
        session_id=found.session_id,
    )
    return SignedIn(
        actor=actor,
        login=found.login,
        person_name=found.person_name,
        person_name_en=found.person_name_en,
        institution_name=found.institution_name,
        institution_name_en=found.institution_name_en,
        institution_code=found.institution_code,
        zone=found.zone,
        language=found.language,
        must_change_password=found.must_change and found.signed_in_by == BY_PASSWORD,
        signed_in_by=found.signed_in_by,
        has_second_factor=found.has_second_factor,
        expires_at=found.expires_at,
        seen_at=found.seen_at,
        locked_at=found.locked_at,
        emergency_until=found.emergency_until,
        window=found.window,
    )


def open_session(
    work: Work,
    *,
    attempt: Attempt,
    affiliation_id: str | None,
    token_hash: str,
    client: Client,
    rules: SessionRules,
) -> Opened:
    """Let the actor in, whose password was right; without a choice, where she acted last.

    Raises SignInRefusedError where password or second factor have changed since they were checked.
    """
    kept = practitioner_store.find_credential(work.session, work.actor.person)
    factor = second_factors.has_second_factor(work, work.actor.person)
    if kept is None or (kept.revision, factor) != (attempt.revision, attempt.has_second_factor):
        raise SignInRefusedError
    attempts.forgive_attempt(work, attempt=attempt)
    return open_for(
        work, affiliation_id=affiliation_id, token_hash=token_hash, client=client, rules=rules
    )


def open_for(
    work: Work,
    *,
    affiliation_id: str | None,
    token_hash: str,
    client: Client,
    rules: SessionRules,
    way: WayIn = WITH_PASSWORD,
) -> Opened:
    """Open a session for the actor at one of the institutions where she may act today."""
    places = list_places(work)
    chosen = _choose(work, places, affiliation_id)
    credential = practitioner_store.find_credential(work.session, work.actor.person)
    if credential is None:
        raise NotFoundError
    row = SessionRow(
        id=new_id(),
        token_hash=token_hash,
        practitioner_id=work.actor.person,
        affiliation_id=chosen.affiliation.id,
        credential_revision=credential.revision,
        signed_in_by=way.by,
        provider_sub=way.sub,
        provider_sid=way.sid,
        proved_at=work.now if way.is_proved else None,
        proved_by_two=way.is_by_two,
        browser=client.browser,
        address=client.address,
        opened_at=work.now,
        seen_at=work.now,
        expires_at=work.now + rules.longest,
    )
    store.save_session(work.session, row)
    work.journal(
        Entry(
            "session.opened",
            "session",
            row.id,
            codes={
                "affiliation": chosen.affiliation.id,
                "institution": chosen.institution.id,
                "by": way.by,
            },
            words={"address": client.address, "browser": client.browser},
        )
    )
    return Opened(
        session_id=row.id,
        affiliation_id=chosen.affiliation.id,
        expires_at=row.expires_at,
        must_choose=affiliation_id is None and len(places) > 1,
        must_change_password=credential.must_change and way.by == BY_PASSWORD,
    )


def switch_affiliation(
    work: Work, *, affiliation_id: str, token_hash: str, client: Client, rules: SessionRules
) -> Opened:
    """Act for another institution from now on: the old session ends, a new one begins."""
    way = store.find_way_in(work.session, work.actor.session_id or "") or WITH_PASSWORD
    opened = open_for(
        work,
        affiliation_id=affiliation_id,
        token_hash=token_hash,
        client=client,
        rules=rules,
        way=way,
    )
    _end(work, work.actor.session_id or "", "session.ended", why="switched")
    return opened


def end_session(work: Work) -> None:
    """Sign out."""
    _end(work, work.actor.session_id or "", "session.ended", why="signed-out")


def revoke_session(work: Work, *, session_id: str) -> None:
    """End one of the actor's own sessions, on whichever computer it is."""
    _end(work, session_id, "session.revoked", why="owner")


def revoke_others(work: Work) -> int:
    """End all the actor's sessions but this one, and say how many there were."""
    others = store.list_others(work.session, work.actor.person, work.actor.session_id or "")
    for session_id in others:
        _end(work, session_id, "session.revoked", why="owner")
    return len(others)


def reset_password(work: Work, *, practitioner_id: str, password_hash: str) -> None:
    """An administrator gives a one-time password: sessions end, and a lock is lifted."""
    practitioners.reset_password(work, practitioner_id=practitioner_id, password_hash=password_hash)
    person = practitioners.get_practitioner(work, practitioner_id)
    attempts.lift_lock(work, login=person.login)


def change_password(work: Work, *, password_hash: str) -> None:
    """The actor's new password: her other sessions end, this one lives on."""
    revision = practitioners.set_password(
        work,
        practitioner_id=work.actor.person,
        password_hash=password_hash,
        must_change=False,
    )
    store.save_credential_revision(work.session, work.actor.session_id or "", revision)


def mark_seen(work: Work, *, session_id: str) -> None:
    """The session is in use."""
    store.save_seen(work.session, session_id, now=work.now)


def list_sessions(work: Work, rules: SessionRules) -> list[Session]:
    """The actor's open sessions."""
    return [
        Session(
            id=row.id,
            affiliation_id=AffiliationId(row.affiliation_id),
            client=Client(row.browser, row.address),
            opened_at=row.opened_at,
            seen_at=row.seen_at,
            is_own=row.id == work.actor.session_id,
        )
        for row in store.list_open(work.session, work.actor.person, now=work.now, idle=rules.idle)
    ]


def list_places(work: Work) -> list[Place]:
    """The institutions for which the actor may act today, by name."""
    holding = affiliations.list_holding(work, work.actor.person)
    found = organisations.institutions_by_id(work, {each.institution_id for each in holding})
    places = [Place(each, found[each.institution_id]) for each in holding]
    return sorted(places, key=lambda place: (place.institution.name, place.affiliation.id))


def _choose(work: Work, places: list[Place], affiliation_id: str | None) -> Place:
    if not places:
        raise NoAffiliationError
    by_id = {str(place.affiliation.id): place for place in places}
    if affiliation_id is not None:
        if affiliation_id not in by_id:
            raise AffiliationNotYoursError
        return by_id[affiliation_id]
    last = store.find_last_affiliation(work.session, work.actor.person)
    return by_id.get(last or "", places[0])


def _end(work: Work, session_id: str, kind: str, *, why: str) -> None:
    if not store.save_end(work.session, session_id, work.actor.person, at=work.now):
        raise NotFoundError
    windows.end_window_of(work, session_id=session_id, why=why)
    work.journal(Entry(kind, "session", session_id, codes={"why": why}))
