"""The content of a report in words: per eye, macula, referral, follow-up, pictures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.i18n import ENGLISH, N_
from server.moments import format_day, local_day
from server.requests import zone_of
from server.views.report_grades import nhs_text, seen_text
from server.views.report_words import Speech

Content = Mapping[str, Any]


def said_in(speech: Speech, words: Mapping[str, str]) -> str:
    """The words of a signed content in the reader's language."""
    return words["en" if speech.tongue == ENGLISH else "zh"]


def summary_lines(speech: Speech, content: Content) -> list[tuple[str, str]]:
    """Label and text of everything that counts."""
    body = content["body"]
    lines = [
        (speech.term("eye", eye), eye_text(speech, content, eye))
        for eye in ("right", "left")
        if body[eye]["eye_status"] is not None
    ]
    if content.get("amendment"):
        lines.insert(0, (speech.label("amendment_reason"), content["amendment"]["reason"]))
    lines += sections_text(speech, content)
    lines += [
        (speech.label("diagnoses"), diagnoses_text(speech, content)),
        (speech.label("impression"), body["impression"]),
        (speech.label("answer"), body["answer"]),
        (speech.label("advice"), body["advice"]),
        (speech.label("referral_need"), referral_text(speech, body)),
        (speech.say(N_("Re-examination")), interval_text(speech, body)),
        (speech.label("override_reason"), body["override_reason"]),
        (speech.label("limits"), body["limits"]),
        (speech.label("marks"), _marks_text(content)),
        (speech.label("key_images"), key_images_text(speech, content)),
    ]
    return [(label, text) for label, text in lines if text]


def _marks_text(content: Content) -> str:
    count = (content.get("marks") or {}).get("count")
    return str(count) if count else ""


def key_images_text(speech: Speech, content: Content) -> str:
    """The pictures chosen for the report, by eye and field."""
    by_id = {each["instance_id"]: each for each in content["materials"]}
    chosen = [by_id[each["instance_id"]] for each in content.get("key_images", ())]
    return speech.join([image_text(speech, each) for each in chosen])


def eye_text(speech: Speech, content: Content, eye: str) -> str:
    """One eye in one sentence."""
    reading = content["body"][eye]
    if reading["eye_status"] != "present":
        return speech.join([speech.term("eye_status", reading["eye_status"]), reading["findings"]])
    said = [quality_text(speech, reading)]
    if reading["icdr"] is not None:
        said.append(speech.term("icdr", reading["icdr"]))
    if reading["dme"] is not None:
        said.append(f"{speech.label('dme')} {speech.term('dme', reading['dme'])}")
    said += [nhs_text(speech, content, eye), seen_text(speech, reading)]
    if reading.get("grade_reason"):
        said.append(f"{speech.label('grade_reason')} {reading['grade_reason']}")
    return speech.join([*said, reading["findings"], reading["waiver"]])


def sections_text(speech: Speech, content: Content) -> list[tuple[str, str]]:
    """Each section of the form with its codes and words, as they were signed."""
    comma = ", " if speech.tongue == ENGLISH else "、"
    return [
        (
            said_in(speech, section),
            speech.join(
                [comma.join(said_in(speech, code) for code in section["codes"]), section["text"]]
            ),
        )
        for section in content.get("sections", ())
    ]


def quality_text(speech: Speech, reading: Content) -> str:
    """The quality of one eye's photographs with its causes; said in words where nobody read it."""
    if reading["quality"] is None:
        return speech.say(N_("Not examined"))
    text = speech.term("quality", reading["quality"])
    comma = ", " if speech.tongue == ENGLISH else "、"
    causes = comma.join(speech.term("quality_cause", cause) for cause in reading["causes"])
    if not causes:
        return text
    return f"{text} ({causes})" if speech.tongue == ENGLISH else f"{text}（{causes}）"


def diagnoses_text(speech: Speech, content: Content) -> str:
    """Codes and words, as they were signed."""
    return speech.join(
        [f"{known['code']} {said_in(speech, known)}" for known in content["diagnoses"]]
    )


def referral_text(speech: Speech, body: Content) -> str:
    """Need and urgency."""
    if body["referral_need"] is None:
        return ""
    need = speech.term("referral_need", body["referral_need"])
    if body["referral_urgency"] is None:
        return need
    return f"{need} · {speech.term('referral_urgency', body['referral_urgency'])}"


def interval_text(speech: Speech, body: Content) -> str:
    """In how many months the patient is seen again."""
    if body["interval_months"] is None:
        return ""
    return speech.say(N_("in {n} month(s)")).format(n=body["interval_months"])


def materials_text(speech: Speech, content: Content) -> str:
    """On which pictures the report rests, and which the inviting side could not take."""
    named = [_material_text(speech, image) for image in content["materials"]]
    missing = [_unable_text(speech, excuse) for excuse in content["not_photographed"]]
    if not named:
        return speech.join([speech.say(N_("No photograph")), *missing])
    count = speech.say(N_("{n} photographs, each seen in full")).format(n=len(named))
    colon = ": " if speech.tongue == ENGLISH else "："
    return speech.join([count + colon + speech.join(named), *missing])


def _unable_text(speech: Speech, excuse: Content) -> str:
    whole = speech.say(N_("Whole eye"))
    text = speech.say(N_("{eye}: {field} ({reason})")).format(
        eye=speech.term("eye", excuse["eye"]),
        field=speech.term("field_code", excuse["field"]) if excuse["field"] else whole,
        reason=speech.term("no_image_reason", excuse["reason"]),
    )
    return f"{speech.say(N_('Unable to photograph'))} {text}"


def _material_text(speech: Speech, image: Content) -> str:
    """One picture; of a recognised exam also where and when it was taken (IMG-12)."""
    text, place = image_text(speech, image), image.get("recognised_from")
    if place is None:
        return text
    is_english = speech.tongue == ENGLISH and place["name_en"]
    facts = {"place": place["name_en"] if is_english else place["name"], "picture": text}
    if image["captured_at"] is None:
        return speech.say(N_("{picture} (recognised exam of {place})")).format(**facts)
    taken = datetime.fromisoformat(image["captured_at"])
    day = format_day(local_day(taken, zone=zone_of(speech.request)), language=speech.tongue)
    return speech.say(N_("{picture} (recognised exam of {place}, {day})")).format(**facts, day=day)


def image_text(speech: Speech, image: Content) -> str:
    """One picture by eye and field."""
    named = [
        speech.term(group, image[key])
        for group, key in (("eye", "eye"), ("field_code", "field"))
        if image[key]
    ]
    return " ".join(named)
