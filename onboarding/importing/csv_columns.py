"""Which column of a list holds what: by its header in the words people use, or by its content."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from onboarding.importing.csv_reading import MOST_HEADLINES, MOST_ROWS, Record, Unreadable, too_many

# Words for each column, as `_plain` leaves them. `name` means what the other columns leave open:
# beside "Vorname" it is the family name, beside "apellidos" the given one, alone the whole name.
_WORDS = {
    "email": "email emailaddress emailaddresses mail mailaddress emailid emails workemail"
    " businessemail companyemail primaryemail email1value emailadresse emailadressen mailadresse"
    " eposta epostadress epostadresse epost epostaadresi correo correoelectronico"
    " direcciondecorreoelectronico courriel adresseemail adressemail adresseelectronique"
    " adressedemessagerie mel indirizzoemail postaelettronica indirizzodipostaelettronica"
    " emailadres mailadres enderecodeemail correioeletronico sahkoposti sahkopostiosoite mejl"
    " mejladress adresemail adrespocztyelektronicznej emailova emailcim eml почта"
    " электроннаяпочта элпочта емейл メール メールアドレス 電子メール 邮箱 电子邮件 電子郵件"
    " 電郵 电子邮箱 이메일 이메일주소 userprincipalname upn",
    "given": "givenname givennames given firstname firstnames first forename forenames vorname"
    " vornamen rufname prenom prenoms primernombre nombredepila primonome nomeproprio primeironome"
    " voornaam fornavn fornamn etunimi imie jmeno krestnijmeno keresztnev ad adi имя 名 이름",
    "family": "familyname family lastname lastnames last surname surnames secondname nachname"
    " nachnamen familienname zuname apellido apellidos primerapellido cognome sobrenome apelido"
    " ultimonome achternaam etternavn efternavn efternamn sukunimi nazwisko prijmeni vezeteknev"
    " soyad soyadi nomdefamille фамилия 姓 성",
    "full": "fullname wholename displayname nameandsurname firstandlastname firstlastname"
    " completename nombrecompleto nombreyapellidos nombreyapellido nomcomplet nometprenom"
    " prenometnom nomecompleto nomeecognome vorundnachname vollstandigername nachnamevorname"
    " vornamenachname volledigenaam fulltnavn imieinazwisko jmenoaprijmeni adsoyad фио 氏名 姓名"
    " 성명 employee employeename person contact contactname member membername user mitarbeiter"
    " mitarbeiterin teammember",
    "name": "name names nombre nombres nom nome naam navn namn nev isim nimi nazwa 名前",
    "plan": "plan plans kiroplan tier kirotier planname plancode subscription kirosubscription"
    " license licence seat seattype tarif plano piano abo abonnement suscripcion план プラン",
}
_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_MAILBOX = re.compile(r'\s*["\']?(?P<name>[^<>]*?)["\']?\s*<\s*(?P<email>[^<>]*)>\s*')
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SAMPLE = 50

Columns = dict[str, int]


@dataclass(frozen=True, slots=True)
class Person:
    """One row's words, not judged yet."""

    line: int
    email: str
    given_name: str
    family_name: str
    plan: str


def people(records: list[Record], *, is_plan: Callable[[str], bool]) -> list[Person]:
    """Everybody in the list, one for each row below the header. Raises: Unreadable."""
    start, columns = _layout(records, is_plan)
    rows = records[start:]
    if not rows:
        raise Unreadable("There is only a header in it, and nobody below.")
    if len(rows) > MOST_ROWS:
        raise too_many()
    return [_person(record, columns) for record in rows]


# Where is what ---------------------------------------------------------------------------------


def _layout(records: list[Record], is_plan: Callable[[str], bool]) -> tuple[int, Columns]:
    """The first row that is a person's, and the columns."""
    for position, record in enumerate(records[: MOST_HEADLINES + 1]):
        if _has_address(record):
            break
        if "email" in (columns := _named(record)):
            return position + 1, columns
    known = _named(records[0])
    if not known:
        return 0, _guessed(records, is_plan)
    return 1, _with_address_column(known, records)


def _named(record: Record) -> Columns:
    """The columns that a header names, each by its first mention; empty when it is none."""
    if _has_address(record):
        return {}
    found: Columns = {}
    for position, cell in enumerate(record.cells):
        column = _COLUMN_OF.get(_plain(cell)) if len(cell) < 100 else None
        if column:
            found.setdefault(column, position)
    return _settled(found)


def _settled(found: Columns) -> Columns:
    """What the plain word `name` means beside the others."""
    if "name" not in found:
        return found
    position = found.pop("name")
    if "given" in found and "family" not in found:
        meaning = "family"
    elif "family" in found and "given" not in found:
        meaning = "given"
    else:
        meaning = "full"
    return {meaning: position} | found


@lru_cache(maxsize=512)
def _plain(cell: str) -> str:
    """`E-Mail *`, `é-mail (required)` and `EMAIL` are one word."""
    text = unicodedata.normalize("NFKD", _IN_BRACKETS.sub("", cell).casefold())
    return unicodedata.normalize("NFC", "".join(filter(str.isalnum, text)))


_COLUMN_OF = {_plain(word): column for column, words in _WORDS.items() for word in words.split()}


def _has_address(record: Record) -> bool:
    return any("@" in cell for cell in record.cells)


def _with_address_column(columns: Columns, records: list[Record]) -> Columns:
    """A header that names people but no e-mail: find that column. Raises: Unreadable."""
    position = _address_column(records[1:])
    if position is not None:
        return {**columns, "email": position}
    names = ", ".join(f"“{cell.strip()[:40]}”" for cell in records[0].cells[:8] if cell.strip())
    raise Unreadable(
        f"No column holds e-mail addresses. The header says {names}; name one of them “E-mail”."
    )


def _address_column(records: list[Record]) -> int | None:
    """The column with most addresses."""
    counts: dict[int, int] = {}
    for record in records[:_SAMPLE]:
        for position, cell in enumerate(record.cells):
            if "@" in cell:
                counts[position] = counts.get(position, 0) + 1
    return max(counts, key=lambda position: counts[position], default=None)


def _guessed(records: list[Record], is_plan: Callable[[str], bool]) -> Columns:
    """Without a header: the addresses, the plans, and of what is left the names in order."""
    address = _address_column(records)
    if address is None:
        raise Unreadable(
            "There is no e-mail address in it. Each line needs one, and a name beside it."
        )
    columns = {"email": address}
    names = []
    for position in range(max(len(record.cells) for record in records[:_SAMPLE])):
        cells = list(_filled(records, position)) if position != address else []
        if cells and "plan" not in columns and all(map(is_plan, cells)):
            columns["plan"] = position
        elif cells and sum(map(_looks_like_name, cells)) * 2 > len(cells):
            names.append(position)
    named = ["full"] if len(names) == 1 else ["given", "family"]
    return columns | dict(zip(named, names, strict=False))


def _filled(records: list[Record], position: int) -> Iterator[str]:
    for record in records[:_SAMPLE]:
        if position < len(record.cells) and (cell := record.cells[position].strip()):
            yield cell


def _looks_like_name(cell: str) -> bool:
    return not any(letter.isdigit() or letter == "@" for letter in cell)


# One row ---------------------------------------------------------------------------------------


def _person(record: Record, columns: Columns) -> Person:
    def cell(column: str) -> str:
        position = columns.get(column, -1)
        return record.cells[position].strip() if 0 <= position < len(record.cells) else ""

    email, mailbox_name = _address(cell("email"))
    person = Person(
        line=record.line,
        email=email,
        given_name=cell("given"),
        family_name=cell("family"),
        plan=cell("plan"),
    )
    if person.given_name or person.family_name:
        return person
    given_name, family_name = _two_names(cell("full") or mailbox_name)
    return replace(person, given_name=given_name, family_name=family_name)


def _address(cell: str) -> tuple[str, str]:
    """The address, and the name before it: `Ada Lovelace <ada@x.org>`."""
    name = ""
    if "<" in cell and (mailbox := _MAILBOX.fullmatch(cell)):
        cell, name = mailbox["email"], mailbox["name"]
    if not cell.isascii():
        cell = cell.translate(_INVISIBLE)
    cell = cell.strip()
    is_link = cell[:7].lower() == "mailto:"
    return cell[7:] if is_link else cell, name


def _two_names(name: str) -> tuple[str, str]:
    """Given and family name out of one: by the comma, else the first word and the rest."""
    family, comma, given = name.partition(",")
    if comma and given.strip():
        return given.strip(), family.strip()
    given, _, family = " ".join(name.split()).partition(" ")
    return given, family
