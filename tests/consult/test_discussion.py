"""Both sides of a case write to each other: kept for ever, seen by nobody else (Q-11)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from consult.cases.model import Case, CaseStatus
from consult.cases.tables import CaseRow
from consult.discussion import service as discussions
from consult.discussion import store
from consult.discussion.errors import (
    AmendedAlreadyError,
    DiscussionClosedError,
    DiscussionFullError,
    KeyUsedError,
)
from consult.discussion.model import MOST_MESSAGES, PAGE, MessageKind, Reference
from consult.discussion.tables import DiscussionRow
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Actor, Work
from consult.queue import further
from tests.makers.cases import citizen_number, give_consent, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.discussion import answer, ask, read, say
from tests.makers.marks import pictures
from tests.makers.reports import at_once, claim, make_read_case, problems_of
from tests.makers.second_readings import rules_on


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def unread(world: Consortium, by: Actor, **more: Any) -> list[tuple[str, int]]:
    found = world.clinic.do(by, discussions.list_unread, **more)
    return [(each.case_id, each.messages) for each in found]


def test_a_question_goes_to_the_other_side_and_is_answered(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    image = pictures(world, case, by=world.expert)[0]
    asked = ask(world, case, world.expert, references=[Reference(image.id, 1, (100, 200))])
    assert asked.to == (world.physician.person,)
    assert unread(world, world.physician) == [(case.id, 1)]
    before = read(world, case, world.physician)
    assert (before.unread, len(before.open_ids), before.messages) == (1, 1, 1)

    said = answer(world, case, world.physician, asked)
    assert said.to == (world.expert.person,)
    found = read(world, case, world.expert)
    thread = found.threads[0]
    assert [thread.root.newest.text, *(each.newest.text for each in thread.replies)] == [
        asked.text,
        said.text,
    ]
    assert thread.root.first.references == (Reference(image.id, 1, (100, 200)),)
    assert found.open_ids == frozenset()

    world.clinic.do(world.physician, discussions.mark_read, case_id=case.id, number=1)
    assert unread(world, world.physician) == []
    assert unread(world, world.expert) == [(case.id, 1)]


def test_the_journal_tells_of_a_message_without_a_word_of_it(world: Consortium, case: Case) -> None:
    sent = say(world, case, world.physician, "王秀英昨日复查，血糖 9.1。")
    world.clinic.do(
        world.physician, discussions.save_draft, case_id=case.id, content={"text": "王秀英的药"}
    )
    lines = [line for line in world.clinic.lines() if line.kind.startswith("discussion.")]
    assert [line.kind for line in lines] == ["discussion.sent", "discussion.draft_saved"]
    assert lines[0].codes["sha256"] == sent.sha256
    assert lines[0].codes["message"] == sent.head.id
    for line in lines:
        assert line.words_hash is None
        assert "王秀英" not in str(line)
        assert "血糖" not in str(line)
    stored = world.clinic.system(_stored_words)
    assert not any("王秀英" in words for words in stored)


def _stored_words(work: Work) -> list[str]:
    found = work.session.scalars(text("SELECT words FROM journal_detail"))
    return [str(words) for words in found if "血糖" in str(words)]


def test_the_same_key_is_the_same_message_also_at_once(world: Consortium, case: Case) -> None:
    key = new_id()
    first = say(world, case, world.expert, "请补拍左眼。", key=key)
    again = say(world, case, world.expert, "请补拍左眼。", key=key)
    assert again == first
    with pytest.raises(KeyUsedError):
        say(world, case, world.expert, "另一句", key=key)
    shared = new_id()
    wanted = discussions.Wanted(key=shared, kind=MessageKind.REMARK, text="只发一次")
    started = at_once(
        6,
        lambda: world.clinic.start(
            world.expert, discussions.send_message, case_id=case.id, wanted=wanted
        ),
    )
    assert len({each.result().head.id for each in started}) == 1
    found = read(world, case, world.physician)
    assert (found.messages, found.newest) == (2, 2)


def test_many_at_once_are_numbered_without_a_gap(world: Consortium, case: Case) -> None:
    for each in at_once(
        8,
        lambda: world.clinic.start(
            world.expert,
            discussions.send_message,
            case_id=case.id,
            wanted=discussions.Wanted(key=new_id(), kind=MessageKind.REMARK, text="同时"),
        ),
    ):
        each.result()
    heads = world.clinic.system(lambda work: store.list_heads(work.session, case.id))
    assert [head.number for head in heads] == list(range(1, 9))


def test_a_sent_message_is_amended_and_never_edited(world: Consortium, case: Case) -> None:
    asked = ask(world, case, world.expert, "左眼视力？")
    mended = say(world, case, world.expert, "右眼视力？", amends_id=asked.head.id)
    assert (mended.head.kind, mended.head.thread_id) == (MessageKind.QUESTION, asked.head.id)
    with pytest.raises(AmendedAlreadyError):
        say(world, case, world.expert, "双眼视力？", amends_id=asked.head.id)
    last = say(world, case, world.expert, "双眼视力？", amends_id=mended.head.id)
    assert last.head.first_id == asked.head.id
    with pytest.raises(FormRefusedError) as refusal:
        say(world, case, world.physician, "改别人的", amends_id=last.head.id)
    assert problems_of(refusal) == {"amends_id": "message-not-yours"}
    thread = read(world, case, world.physician).threads[0]
    assert [each.text for each in thread.root.versions] == [
        "左眼视力？",
        "右眼视力？",
        "双眼视力？",
    ]
    with pytest.raises(DBAPIError, match="never changes"):
        world.clinic.system(
            lambda work: work.session.execute(
                text("UPDATE discussion_messages SET number = 9 WHERE number = 1")
            )
        )


def test_nobody_but_the_two_sides_reads_or_writes(world: Consortium, case: Case) -> None:
    asked = ask(world, case, world.expert)
    assert read(world, case, world.physician).messages == 1
    elsewhere = replace(world.stranger, consortium_ids=frozenset())
    for outsider in (world.stranger, elsewhere):
        with pytest.raises(NotFoundError):
            read(world, case, outsider)
        with pytest.raises(NotFoundError):
            answer(world, case, outsider, asked)
        assert unread(world, outsider) == []


def test_whoever_may_read_second_sees_nothing_of_it_before_she_signs(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    say(world, case, world.expert, "我看是重度。", to=(world.leader.person,))
    assert unread(world, world.leader) == [(case.id, 1)]
    assert unread(world, world.leader, second=rules_on()) == [], "she may come to read it second"
    world.clinic.do(world.expert, lambda work: further.note_reader(work, case))
    blind = {"status": CaseStatus.SECOND_READ, "owner_id": world.leader.person}
    world.clinic.system(
        lambda work: work.session.execute(
            update(CaseRow).where(CaseRow.id == case.id).values(**blind)
        )
    )
    with pytest.raises(NotFoundError):
        read(world, case, world.leader)
    with pytest.raises(NotFoundError):
        say(world, case, world.leader, "我看也是。")
    assert unread(world, world.leader) == []
    assert read(world, case, world.expert).messages == 1
    assert read(world, case, world.physician).messages == 1


def test_before_it_is_sent_and_after_it_has_ended_nothing_is_written(
    world: Consortium, case: Case
) -> None:
    patient = make_patient(world, document_number=citizen_number(220))
    give_consent(world, patient)
    draft = make_draft(world, patient)
    with pytest.raises(DiscussionClosedError):
        say(world, draft, world.physician, "还没有送出")
    say(world, case, world.expert, "一句话")
    world.clinic.system(
        lambda work: work.session.execute(
            update(CaseRow).where(CaseRow.id == case.id).values(status=CaseStatus.CLOSED)
        )
    )
    for step in (say, ask):
        with pytest.raises(DiscussionClosedError):
            step(world, case, world.physician, "结案之后")
    with pytest.raises(DiscussionClosedError):
        world.clinic.do(
            world.physician, discussions.save_draft, case_id=case.id, content={"text": "草稿"}
        )
    found = read(world, case, world.physician)
    assert (found.messages, found.may_write) == (1, False)


def test_what_is_wrong_is_refused_by_its_field(world: Consortium, case: Case) -> None:
    image = pictures(world, case, by=world.expert)[0]
    wrong = [
        ({"text": " "}, {"text": "field-missing"}),
        ({"text": "长" * 2001}, {"text": "field-too-long"}),
        ({"kind": MessageKind.ANSWER}, {"kind": "message-answers-nothing"}),
        ({"thread_id": new_id()}, {"thread_id": "message-no-thread"}),
        ({"to": [world.stranger.person]}, {"to": "message-to-stranger"}),
        (
            {"references": [Reference(new_id(), 1, None)]},
            {"references.0.image_id": "message-picture"},
        ),
        ({"references": [Reference(image.id, 2, None)]}, {"references.0.frame": "mark-frame"}),
        (
            {"references": [Reference(image.id, 1, (5, 9000))]},
            {"references.0.point": "mark-outside"},
        ),
        ({"references": [Reference(image.id, 1, None)] * 13}, {"references": "too-many"}),
    ]
    for told, problems in wrong:
        with pytest.raises(FormRefusedError) as refusal:
            say(world, case, world.expert, **{"text": "看", **told})
        assert problems_of(refusal) == problems
    assert read(world, case, world.expert).messages == 0


def test_a_long_discussion_is_read_by_pages_and_has_an_end(world: Consortium, case: Case) -> None:
    root = ask(world, case, world.expert, "第一问")
    for number in range(PAGE):
        say(world, case, world.physician, f"{number}", thread_id=root.head.id)
    newest = read(world, case, world.expert)
    assert newest.older == 2
    assert newest.threads[0].root.first == root
    assert len(newest.threads[0].replies) == PAGE
    oldest = read(world, case, world.expert, before=newest.older)
    assert (oldest.older, oldest.threads[0].replies) == (None, ())
    world.clinic.system(
        lambda work: work.session.execute(update(DiscussionRow).values(messages=MOST_MESSAGES))
    )
    with pytest.raises(DiscussionFullError):
        say(world, case, world.expert, "再一句")


def test_a_draft_is_its_writers_alone_and_goes_with_the_sending(
    world: Consortium, case: Case
) -> None:
    told = {"text": "写到一半", "kind": "remark"}
    world.clinic.do(world.expert, discussions.save_draft, case_id=case.id, content=told)
    assert read(world, case, world.expert).draft == told
    assert read(world, case, world.leader).draft == {}
    say(world, case, world.expert, "写完了")
    assert read(world, case, world.expert).draft == {}
