"""What an administrator does: founds the house, its consortium, its people, its agreements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.async_api import Locator

from tests.makers.screen import Screen

PASSWORD = "crane-window-42-lamp"
LEAD, CENTRE, OTHER = "江州市眼科医院", "云溪镇中心卫生院", "青山社区卫生服务中心"
LEAD_EN, CENTRE_EN, OTHER_EN = "Jiangzhou Eye Hospital", "Yunxi Health Centre", "Qingshan Centre"


@dataclass(frozen=True)
class Newcomer:
    """A person whom the administrator adds."""

    login: str
    name: str
    name_en: str
    at: str
    roles: Sequence[str]
    title: str = ""
    licence: str = ""


NEWCOMERS = (
    Newcomer("zhou", "周怀瑾", "Zhou Huaijin", LEAD, ["expert"], "chief_physician", "L-1"),
    Newcomer("li", "李文博", "Li Wenbo", LEAD, ["expert"], "associate_chief_physician", "L-2"),
    Newcomer("xu", "徐静", "Xu Jing", LEAD, ["referral_desk"], "nurse"),
    Newcomer("chen", "陈立民", "Chen Limin", CENTRE, ["requesting_physician"], "physician", "L-3"),
)


async def set_up(root: Screen) -> None:
    """Be greeted by an empty installation, in Chinese first, and found it."""
    await root.page.context.clear_cookies()
    await root.go("/")
    assert root.path == "/setup"
    assert await root.at("html").get_attribute("lang") == "zh-Hans"
    if root.language == "en":
        await root.press(root.at('[data-language-to-value="en"]'))
    await root.assert_accessible()
    await root.shoot("setup")
    form = root.form("/api/setup")
    first = {"institution_name": LEAD, "institution_name_en": LEAD_EN, "code": "jzyy"}
    person = {"tier": "tertiary", "name": "王主任", "login": "root", "password": PASSWORD}
    async with root.refused(422):
        await root.fill(form, first | person | {"password_again": "another-one-123"})
        await form.locator("button[type=submit]").click()
    await root.assert_said("不一致", "not the same")
    assert await form.locator("[name=institution_name]").input_value() == LEAD
    await root.submit(form, {"password_again": PASSWORD})
    assert root.path == "/admin"


async def found_consortium(root: Screen) -> None:
    """Two community sites and the consortium that they form with the hospital."""
    for name, name_en, code in ((CENTRE, CENTRE_EN, "yxws"), (OTHER, OTHER_EN, "qsws")):
        await root.go("/admin/institutions")
        facts = {"name": name, "name_en": name_en, "code": code, "tier": "community"}
        await root.submit(root.form("/api/admin/institutions"), facts)
    await root.go("/admin/consortia")
    form = root.form("/api/admin/consortia")
    await _choose(form, "lead_id", LEAD, LEAD_EN)
    await root.submit(form, {"name": "江州眼科专科医联体", "name_en": "Jiangzhou Eye Consortium"})
    if not root.path.startswith("/admin/consortia/"):
        await root.press(root.at(".admin-page a.row-link"))
    for name, name_en in ((CENTRE, CENTRE_EN), (OTHER, OTHER_EN)):
        form = root.at('form[data-form-url-value$="/members"]')
        await _choose(form, "institution_id", name, name_en)
        await root.submit(form, {})


async def add_people(root: Screen) -> Mapping[str, str]:
    """Everybody with a sign-in; the one-time password of each."""
    passwords = {}
    for person in NEWCOMERS:
        await root.go("/admin/people")
        form = root.form("/api/admin/people")
        facts: dict[str, str | Sequence[str]] = {
            "login": person.login,
            "name": person.name,
            "name_en": person.name_en,
            "title": person.title,
            "roles[]": person.roles,
        }
        if person.licence:
            facts |= {"licence_class": "physician", "licence_no": person.licence}
        await root.fill(form, facts)
        await _choose(form, "institution_id", person.at, _english(person.at))
        await form.locator("button[type=submit]").click()
        shown = root.at("output.once")
        await shown.wait_for()
        passwords[person.login] = (await shown.inner_text()).strip()
    assert len(set(passwords.values())) == len(NEWCOMERS)
    return passwords


async def add_second_place(root: Screen, login: str) -> None:
    """Let a physician work at the other site too."""
    await root.go("/admin/people")
    row = root.at("tbody tr").filter(has=root.page.locator(f'td.mono:text-is("{login}")'))
    await root.press(row.locator("a.row-link"))
    form = root.at('form[data-form-url-value$="/affiliations"]')
    await _choose(form, "institution_id", OTHER, OTHER_EN)
    await root.submit(form, {"roles[]": ["requesting_physician"]})


async def found_panel(root: Screen) -> None:
    """The experts before whom cases come."""
    await root.go("/admin/panels")
    chooser = root.at('form[action="/admin/panels"]')
    await _choose(chooser, "at", LEAD, LEAD_EN)
    await root.press(chooser.locator("button"))
    form = root.form("/api/admin/panels")
    await _choose(form, "leader_id", "周怀瑾", "Zhou Huaijin")
    await form.locator("label", has_text=root.say("李文博", "Li Wenbo")).click()
    services = ["screening_read", "remote_diagnosis", "remote_consultation"]
    names = {"name": "眼底病专家组", "name_en": "Retina panel"}
    await root.submit(form, names | {"services[]": services})


async def sign_agreement(root: Screen) -> None:
    """Without an agreement no case can be sent."""
    await root.go("/admin/agreements")
    form = root.form("/api/admin/agreements")
    await _choose(form, "inviting_id", CENTRE, CENTRE_EN)
    await _choose(form, "invited_id", LEAD, LEAD_EN)
    services = ["screening_read", "remote_diagnosis", "remote_consultation"]
    terms = {"fee_rule": "免费", "liability": "按协议约定", "services[]": services}
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=1), today + timedelta(days=365)
    days = {"valid_from": first.isoformat(), "valid_until": last.isoformat()}
    await root.submit(form, terms | days)
    await root.go("/admin")
    assert await root.at(".notice-ok").count() == 1


async def come_in(screen: Screen, login: str, one_time: str, place: str = "") -> None:
    """Sign in with a one-time password and choose one's own; choose the institution if asked."""
    await screen.go("/")
    await screen.submit(screen.form("/api/sign-in"), {"login": login, "password": one_time})
    assert screen.path == "/account"
    form = screen.form("/api/account/password")
    new = {"new_password": PASSWORD, "new_password_again": PASSWORD}
    await screen.submit(form, {"password": one_time} | new)
    await choose_place(screen, place)


async def sign_in(screen: Screen, login: str, place: str = "") -> None:
    """Sign in."""
    await screen.go("/sign-in")
    await screen.submit(screen.form("/api/sign-in"), {"login": login, "password": PASSWORD})
    await choose_place(screen, place)


async def choose_place(screen: Screen, place: str) -> None:
    """Whoever works at two places says for which."""
    if place:
        assert screen.path == "/sign-in/institution", screen.path
        form = screen.form("/api/session/affiliation")
        await form.locator("label.pick", has_text=screen.say(place, _english(place))).click()
        await screen.press(form.locator("button[type=submit]"))


async def _choose(form: Locator, name: str, zh: str, en: str) -> None:
    """Choose a line of a list by its words, in whichever language they stand."""
    control = form.locator(f'select[name="{name}"]')
    for option in await control.locator("option").all():
        text = await option.inner_text()
        if zh in text or en in text:
            await control.select_option(await option.get_attribute("value"))
            return
    raise AssertionError(f"{name} offers neither {zh} nor {en}")


def _english(name: str) -> str:
    return {LEAD: LEAD_EN, CENTRE: CENTRE_EN, OTHER: OTHER_EN}[name]
