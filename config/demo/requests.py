"""Requests for help of the practice installation: invented, in three languages, without any graphic detail."""

from dataclasses import dataclass, field
from datetime import timedelta

MINUTES, HOURS, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """One request. `ago` is how long since it came; `by` logged it; what is not said is the usual answer."""

    name: str
    words: str
    ago: timedelta
    language: str = "sr"
    channel: str = "phone"
    about: str = "self"
    minor: str = "no"
    by: str = "ceca"
    contacts: dict[str, str] = field(default_factory=dict)
    restricted: bool = False
    in_danger_now: bool = False
    learned_days_ago: int | None = None


GROUP = Told(
    "group",
    "Пријатељица ми је јавила да се моје слике размењују у великој групи на Телеграму. Слике су приватне, послала сам"
    " их само бившем партнеру. Не знам ко их је још сачувао. Желим да нестану и да знам шта могу да урадим.",
    5 * DAYS,
    contacts={"phone": "+381 60 000 00 01", "safe_hours": "после 17 часова", "neutral_word": "библиотека"},
    learned_days_ago=6,
)
DEEPFAKE = Told(
    "deepfake",
    "Neko je napravio lažne snimke sa mojim licem i poslao ih kolegama na posao. Nikada nisam snimljena tako. Šef me"
    " je pozvao na razgovor i ne znam kako da mu objasnim da to nisam ja.",
    3 * DAYS,
    channel="email",
    by="boba",
    contacts={"other_contact": "prijava.1@example.org", "who_else_reads": "Niko, to je nova adresa."},
    learned_days_ago=9,
)
BLACKMAIL = Told(
    "blackmail",
    "Dikush më kërkon para dhe thotë se përndryshe do t'ia dërgojë fotot e mia familjes. E kam njohur në internet para"
    " dy muajsh. Nuk kam paguar. Kam frikë se e di ku punoj.",
    26 * HOURS,
    language="sq",
    channel="message",
    contacts={"phone": "+383 44 000 002", "safe_hours": "para orës 15", "neutral_word": "dentisti"},
    learned_days_ago=2,
)
JOURNALIST = Told(
    "journalist",
    "I am a reporter. After my last story my phone number and my street were published in a channel with many"
    " followers. Since Monday there are hundreds of calls and messages, some of them threats. I want it taken down and"
    " I want to know whether I should stay at home.",
    30 * HOURS,
    language="en",
    channel="web",
    by="ana",
    restricted=True,
    contacts={
        "other_contact": "Signal, name safe.harbour.07",
        "who_else_reads": "My editor knows that I write to you.",
    },
    learned_days_ago=3,
)
SISTER = Told(
    "sister",
    "Zovem zbog sestre. Jutros je dobila poruku da će njene slike biti objavljene večeras. Ona sedi pored mene i"
    " pristala je da zovem. Molim vas da nam kažete šta prvo da sačuvamo.",
    20 * MINUTES,
    about="other",
    in_danger_now=True,
    contacts={"phone": "+381 60 000 00 03", "neutral_word": "zubar"},
    learned_days_ago=0,
)
SCHOOL = Told(
    "school",
    "Pedagogini se javila učenica od petnaest godina: u grupi njenog odeljenja kruži snimak na kome je ona. Zabeležen je"
    " samo link, https://example.org/grupa/0000. Ništa nije preuzeto i ništa nije prosleđeno.",
    3 * HOURS,
    channel="partner",
    about="other",
    minor="now",
    by="boba",
    contacts={"other_contact": "Stručna služba škole, preko partnerske organizacije"},
)
ACCOUNT = Told(
    "account",
    "Dikush ka hapur një profil me emrin tim dhe fotot e mia dhe u shkruan të njohurve të mi. E kam raportuar dy herë"
    " dhe nuk kam marrë përgjigje.",
    22 * HOURS,
    language="sq",
    channel="web",
    contacts={"other_contact": "ndihme.1@example.org"},
)
COLLEAGUE = Told(
    "colleague",
    "The person who did this works in an organisation that you work with, so please let as few people as possible read"
    " this. He has shown a recording of us to others. I only want to know what my choices are.",
    6 * HOURS,
    language="en",
    channel="in_person",
    by="ana",
    restricted=True,
    contacts={"safe_hours": "Only when I call you"},
)
QUESTION = Told(
    "question",
    "Питање за другарицу: да ли пријава платформи може да се поднесе без пријаве полицији и колико то траје?",
    2 * DAYS,
    about="other",
    channel="message",
    by="boba",
)

# What becomes a case, and what stays a request.
ACCEPTED = (GROUP, DEEPFAKE, BLACKMAIL, JOURNALIST)
WAITING = (SISTER, SCHOOL, ACCOUNT, COLLEAGUE)
