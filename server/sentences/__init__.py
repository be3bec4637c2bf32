"""Every refusal's sentence, once, as an English message id; the catalogues hold the Chinese.

A new code is added to the file of its subject. `{name}` is filled from the error's facts.
"""

from collections.abc import Mapping
from types import MappingProxyType

from server.sentences import (
    cases,
    common,
    devices,
    dicomweb,
    discussion,
    dossiers,
    images,
    marks,
    notices,
    papers,
    patients,
    people,
    quality,
    queue,
    recordings,
    referrals,
    reports,
    room_links,
    rooms,
    rules,
    screening,
    tellings,
    video_sessions,
)

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        **cases.SENTENCES,
        **common.SENTENCES,
        **devices.SENTENCES,
        **dicomweb.SENTENCES,
        **discussion.SENTENCES,
        **dossiers.SENTENCES,
        **images.SENTENCES,
        **marks.SENTENCES,
        **notices.SENTENCES,
        **papers.SENTENCES,
        **patients.SENTENCES,
        **people.SENTENCES,
        **quality.SENTENCES,
        **queue.SENTENCES,
        **referrals.SENTENCES,
        **reports.SENTENCES,
        **room_links.SENTENCES,
        **recordings.SENTENCES,
        **rooms.SENTENCES,
        **rules.SENTENCES,
        **screening.SENTENCES,
        **tellings.SENTENCES,
        **video_sessions.SENTENCES,
    }
)
