"""Threads and amendments: whatever was written, every message is shown once, in its place."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consult.discussion.content import make_message, message_of
from consult.discussion.model import (
    Head,
    Message,
    MessageKind,
    Reference,
    open_questions,
    summary_of,
    threads_of,
)
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId

_BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "reply", "amend"]), st.sampled_from(MessageKind), st.integers(0)
    ),
    max_size=40,
)


def write(acts: list[tuple[str, MessageKind, int]]) -> list[Message]:
    """A discussion as the service would have let it grow."""
    sent: list[Message] = []
    for number, (act, kind, pick) in enumerate(acts, 1):
        own = f"{number:032x}"
        other = sent[pick % len(sent)].head if sent else None
        if other is None or act == "begin":
            sent.append(_message(number, kind, own, own))
        elif act == "reply":
            sent.append(_message(number, kind, other.thread_id, own))
        else:
            chain = [each.head for each in sent if each.head.first_id == other.first_id]
            newest = chain[-1]
            amended = _message(number, newest.kind, newest.thread_id, newest.first_id, newest.id)
            sent.append(amended)
    return sent


def _message(
    number: int, kind: MessageKind, thread_id: str, first_id: str, amends_id: str | None = None
) -> Message:
    head = Head(
        id=f"{number:032x}",
        case_id=CaseId("c" * 32),
        number=number,
        thread_id=thread_id,
        first_id=first_id,
        amends_id=amends_id,
        kind=kind,
        author_id=PractitionerId("a" * 32),
        institution_id=InstitutionId("b" * 32),
        sent_at=_BEGAN + timedelta(minutes=number),
    )
    return make_message(
        head, author_name="李文博", to=[], text=f"第 {number} 条", references=[], salt="s"
    )


@given(acts=_ACTS, seed=st.randoms(use_true_random=False))
def test_every_message_stands_once_in_its_thread_whatever_the_order(
    acts: list[tuple[str, MessageKind, int]], seed: "st.random.Random"
) -> None:
    sent = write(acts)
    shuffled = list(sent)
    seed.shuffle(shuffled)
    threads = threads_of(shuffled)

    chains = [chain for thread in threads for chain in (thread.root, *thread.replies)]
    shown = [message.head.id for chain in chains for message in chain.versions]
    assert sorted(shown) == sorted(message.head.id for message in sent)
    assert [thread.newest_number for thread in threads] == sorted(
        (thread.newest_number for thread in threads), reverse=True
    )
    for thread in threads:
        numbers = [chain.first.head.number for chain in (thread.root, *thread.replies)]
        assert numbers == sorted(numbers)
        assert {chain.first.head.thread_id for chain in thread.replies} <= {
            thread.root.first.head.id
        }
    for chain in chains:
        assert chain.first.head.amends_id is None
        for before, after in zip(chain.versions, chain.versions[1:], strict=False):
            assert after.head.amends_id == before.head.id
            assert after.head.kind is before.head.kind
    assert threads == threads_of(sent)


@given(acts=_ACTS)
def test_a_thread_has_at_most_one_open_question_and_an_amendment_opens_none(
    acts: list[tuple[str, MessageKind, int]],
) -> None:
    heads = [message.head for message in write(acts)]
    found = open_questions(heads)
    assert len({head.thread_id for head in found}) == len(found)
    for head in found:
        later = [
            each
            for each in heads
            if each.thread_id == head.thread_id
            and each.number > head.number
            and each.amends_id is None
        ]
        assert head.kind is MessageKind.QUESTION
        assert all(each.kind is MessageKind.REMARK for each in later)
    assert found == open_questions([head for head in heads if head.amends_id is None])
    assert summary_of(heads).messages == len(heads)


def test_the_bytes_say_all_of_a_message_and_its_hash_hides_the_words() -> None:
    head = _message(1, MessageKind.QUESTION, "1" * 32, "1" * 32).head
    told = {"author_name": "李文博", "to": [PractitionerId("d" * 32)], "text": "左眼\n哪一张？"}
    references = [Reference("i" * 32, 3, (12, 7)), Reference("j" * 32, 1, None)]
    message = make_message(head, **told, references=references, salt="one")
    assert message_of(head, message.content) == message
    assert (message.text, message.references) == (told["text"], tuple(references))
    other = make_message(head, **told, references=references, salt="other")
    assert other.sha256 != message.sha256
