"""An expert's own phrases: kept, changed, removed and used by herself alone.

The journal says that it was done; the words are the expert's own and stay out of it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from consult.access.model import ObjectType
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.reports.forms import RequiredPart
from consult.reports.phrases import store
from consult.reports.phrases.errors import PhraseChangedError
from consult.reports.phrases.model import LONGEST_PHRASE, MOST_PHRASES, PARTS, Phrase


def list_phrases(work: Work) -> Sequence[Phrase]:
    """The actor's own phrases."""
    return store.list_phrases(work.session, work.actor.person)


def keep_phrase(work: Work, *, part: RequiredPart, text: str) -> Phrase:
    """Keep a new phrase; one that says the same for the same part is kept once."""
    if part not in PARTS:
        raise RefusedError("field-not-a-choice", field="part")
    words = _words(text)
    known = list_phrases(work)
    same = next((each for each in known if (each.part, each.text) == (part, words)), None)
    if same is not None:
        return same
    if store.count_phrases(work.session, work.actor.person) >= MOST_PHRASES:
        raise RefusedError("too-many-phrases", field="text", limit=MOST_PHRASES)
    phrase = Phrase(new_id(), work.actor.person, part, words, revision=1, changed_at=work.now)
    store.add_phrase(work.session, phrase)
    _journal(work, phrase, "phrase.kept")
    return phrase


def change_phrase(work: Work, *, phrase_id: str, text: str, revision: int) -> Phrase:
    """Say it otherwise; raises PhraseChangedError when it was changed elsewhere meanwhile."""
    phrase = _own(work, phrase_id)
    changed = replace(phrase, text=_words(text), revision=revision + 1, changed_at=work.now)
    if not store.change_phrase(work.session, changed):
        raise PhraseChangedError
    _journal(work, changed, "phrase.changed")
    return changed


def remove_phrase(work: Work, *, phrase_id: str) -> None:
    """Forget it; reports in which it was used keep their words."""
    phrase = _own(work, phrase_id)
    store.remove_phrase(work.session, phrase.id)
    _journal(work, phrase, "phrase.removed")


def _own(work: Work, phrase_id: str) -> Phrase:
    phrase = store.find_phrase(work.session, phrase_id, owner_id=work.actor.person)
    if phrase is None:
        raise NotFoundError
    return phrase


def _words(text: str) -> str:
    words = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not words:
        raise RefusedError("field-missing", field="text")
    if len(words) > LONGEST_PHRASE:
        raise RefusedError("field-too-long", field="text", limit=LONGEST_PHRASE)
    return words


def _journal(work: Work, phrase: Phrase, kind: str) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.PRACTITIONER,
            phrase.owner_id,
            codes={"phrase": phrase.id, "part": phrase.part.value, "revision": phrase.revision},
        )
    )
